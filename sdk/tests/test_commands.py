"""The command: what waits, sending it, and what is wrong with a setting."""

import json

import pytest
from test_delivery import World

from tknops_sdk._cli import main


@pytest.fixture
def left(tmp_path, server, monkeypatch):
    """A spool that an ended process left: five events, and one that was refused."""
    monkeypatch.setenv("TKNOPS_URL", server.url)
    monkeypatch.setenv("TKNOPS_API_KEY", "k")
    monkeypatch.setenv("TKNOPS_SPOOL", str(tmp_path))
    world = World(tmp_path, url=server.url)
    world.server.reject = {"bad": "model_missing"}
    world.record(1, model="bad")
    world.record(1)
    world.step()
    world.status = 500
    world.record(5)
    world.step()
    return world


def test_list_says_who_runs_and_what_waits(left, capsys):
    assert main(["spool", "list"]) == 0
    out = capsys.readouterr().out
    assert "running  5 events in 1 segments" in out
    assert "1 refused: 200 model_missing" in out
    assert out.endswith("5 events wait.\n")


def test_replay_leaves_a_running_process_alone_and_sends_for_an_ended_one(left, server, capsys):
    assert main(["spool", "replay"]) == 0
    assert server.events == {}
    left.delivery.store.spool.let_go()
    assert main(["spool", "replay"]) == 0
    assert len(server.events) == 5
    assert "stored 5" in capsys.readouterr().out
    assert main(["spool", "replay"]) == 0
    assert main(["spool", "replay", "--dead"]) == 0
    assert len(server.events) == 6


def test_replay_stops_where_the_server_does_not_answer(left, server, capsys):
    left.delivery.store.spool.let_go()
    server.status = 503
    assert main(["spool", "replay"]) == 1
    server.status = 200
    assert main(["spool", "replay"]) == 0
    assert len(server.events) == 5


@pytest.mark.parametrize(("more", "count"), [([], 5), (["--dead"], 1)])
def test_export_writes_json_lines(left, capfdbinary, more, count):
    assert main(["spool", "export", *more]) == 0
    lines = capfdbinary.readouterr().out.splitlines()
    assert len([json.loads(line)["id"] for line in lines]) == count


def test_doctor_sends_a_test_event(left, server, capsys):
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert out.count("OK  ") == 5
    (event,) = server.events.values()
    assert (event["customer"], event["outcome"]) == ("tknops-sdk-doctor", "test")
    assert "usage" not in event


@pytest.mark.parametrize(("status", "said"), [(401, "expired or revoked"), (403, "events:write")])
def test_doctor_says_what_is_wrong_with_a_key(left, server, capsys, status, said):
    server.status = status
    assert main(["doctor"]) == 1
    assert said in capsys.readouterr().out


def test_doctor_without_settings(monkeypatch, capsys, tmp_path):
    for name in ("TKNOPS_URL", "TKNOPS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert main(["--spool", str(tmp_path), "doctor"]) == 1
    assert "set TKNOPS_URL" in capsys.readouterr().out
