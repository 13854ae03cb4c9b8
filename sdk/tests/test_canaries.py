"""Canaries of every kind reach neither the wire nor the disk; each test of a wrapper checks too."""

from conftest import leaks


class Message:
    def __init__(self):
        self.content = "canary"
        self.usage = {"input_tokens": 1, "text": "canary", "nested": {"prompt": "canary"}}


def test_usage_objects_lose_everything_but_figures(sdk, server, tmp_path):
    server.status = 503  # so that it goes to disk too
    for usage in (Message(), Message().usage, {"canary": "canary"}, [Message()], "canary"):
        sdk.record("p", "m", usage, prompt="canary", messages=["canary"], api_key="canary")
    sdk.flush(0.5)
    server.status = 200
    assert sdk.flush(10)
    assert len(server.events) == 5
    assert leaks(server, tmp_path) == []


def test_warnings_name_no_value(sdk, caplog):
    sdk.record("canary-without-a-model")
    sdk.wrap("canary")
    sdk.init(url="canary", api_key="canary")
    sdk.close(1)
    assert caplog.records
    assert "canary" not in caplog.text


def test_control_a_canary_that_is_sent_is_found(server, tmp_path):
    server.bodies.append(b'{"customer":"Canary"}')
    (tmp_path / "file").write_bytes(b"canary")
    assert len(leaks(server, tmp_path)) == 2
    server.bodies.clear()
