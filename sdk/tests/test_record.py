"""`record` takes anything, raises nothing, and keeps no reference to what it was given."""

import datetime as dt
import enum
import random
import uuid
from decimal import Decimal

import pytest

from tknops_sdk import _clean, _client


class Failing:
    def __repr__(self):
        raise RuntimeError

    __str__ = __repr__
    __hash__ = None
    __eq__ = None

    def __getattr__(self, name):
        raise RuntimeError(name)


CIRCLE: dict = {}
CIRCLE["self"] = CIRCLE
ODD = [
    None, True, -1, 2**70, float("nan"), float("inf"), "", "x" * 10_000_000, "\x00", "\ud800",
    b"bytes", [], {}, CIRCLE, Failing(), {"input_tokens": Failing()}, {Failing: 1}, object(),
    Decimal("NaN"), dt.datetime.max, dt.datetime(1, 1, 1), enum.Enum("E", "A").A, uuid.uuid4(),
    [CIRCLE] * 3, {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}, lambda: 1, range(3), (1, 2),
]  # fmt: skip
NAMES = (
    "provider", "model", "usage", "usage_format", "customer", "feature", "user", "team", "tags",
    "environment", "operation", "outcome", "service_tier", "region", "cost", "time", "id", "lines",
    "unknown", "frame",
)  # fmt: skip


def test_fuzzed_calls_raise_nothing_and_are_all_counted(sdk, server):
    draw = random.Random(7)
    calls = 2000
    for _ in range(calls):
        given = {name: draw.choice(ODD) for name in draw.sample(NAMES, draw.randint(0, 9))}
        if draw.random() < 0.5:
            given["provider"], given["model"] = "p", "m"
        with sdk.attribute(customer=draw.choice(ODD), tags=draw.choice(ODD)):
            sdk.record(**given)
    assert sdk.record(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) is None
    assert sdk.flush(10)
    stats = sdk.stats()
    assert (
        stats["created"]
        + stats["not_taken"].get("invalid", 0)
        + stats["not_taken"].get("failed", 0)
        == calls + 1
    )
    assert stats["created"] == sum(
        stats[fate] for fate in ("stored", "duplicate", "conflict", "rejected")
    )
    assert stats["rejected"] == 0
    assert stats["waiting"] == 0


def test_what_the_host_changes_later_is_its_own(sdk, sent):
    usage, tags = {"input_tokens": 1}, {"a": "b"}
    sdk.record("p", "m", usage, tags=tags)
    usage["input_tokens"] = tags["a"] = 9
    (event,) = sent()
    assert (event["usage"], event["tags"]) == ({"input_tokens": 1}, {"a": "b"})


def test_ids_are_uuid7_that_number_the_events_of_the_process(sdk, sent, server):
    said = [sdk.record("p", "m", {"input_tokens": 1}) for _ in range(5)]
    events = sent()
    assert [event["id"] for event in events] == said
    for number, name in enumerate(said):
        parsed = uuid.UUID(name)
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
        assert parsed.int & 0xFFFFFFFF == number
    process = sdk.stats()["process"]
    assert {request["Tknops-Sdk-Process"] for request in server.requests} == {process}
    assert all(process in name for name in said)


def test_given_fields_arrive_as_they_are(sdk, sent):
    at = dt.datetime(2026, 10, 5, 14, 3, 21, 123456, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    sdk.record(
        "openai", "gpt-5.1", {"prompt_tokens": 3, "completion_tokens": 4}, "openai.chat",
        customer=uuid.UUID(int=1), user=17, cost=Decimal("0.0123"), time=at, id="mine",
        operation="chat", outcome="ok", service_tier="flex", region="us",
    )  # fmt: skip
    assert sent() == [{
        "id": "mine", "time": "2026-10-05T12:03:21.123456Z", "provider": "openai",
        "model": "gpt-5.1", "usage_format": "openai.chat", "operation": "chat", "outcome": "ok",
        "service_tier": "flex", "region": "us", "customer": "00000000-0000-0000-0000-000000000001",
        "user": "17", "cost": {"amount": "0.0123", "currency": "USD"},
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
    }]  # fmt: skip


def test_lines_stand_in_place_of_provider_model_and_usage(sdk, sent):
    line = {"provider": "openai", "model": "a", "usage": {"input_tokens": 1}}
    sdk.record(lines=[line, {**line, "model": "b", "cost": "0.1"}], customer="c")
    (event,) = sent()
    assert event.keys() == {"id", "time", "lines", "customer"}
    assert event["lines"][1]["cost"] == {"amount": "0.1", "currency": "USD"}


def test_no_usage_is_one_request_unless_it_failed(sdk, sent):
    sdk.record("p", "m")
    sdk.record("p", "m", outcome="error")
    ok, failed = sent()
    assert ok["usage"] == {"units": 1, "unit": "request"}
    assert "usage" not in failed


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("acme", "acme"),
        (17, "17"),
        (True, None),
        (1.5, None),
        (object(), None),
        ("a\x00b", "ab"),
        ("ä" * 200, "ä" * 200),
        ("\ud800", "?"),
    ],
)
def test_texts(given, cleaned):
    assert _clean.text(given) == cleaned


def test_a_reference_too_long_stays_distinct():
    one, two = (_clean.text("x" * 300 + end) for end in "ab")
    assert len(one) == len(two) == 200
    assert one != two


def test_usage_keeps_numbers_and_the_words_that_set_a_price():
    given = {
        "input_tokens": 1, "text": "canary", "service_tier": "flex", "details": {"a": 2, "t": "canary"},
        "list": [{"modality": "TEXT", "n": 3, "say": "canary"}, "canary"], "nan": float("nan"),
        "none": None, "yes": True, "type": "canary with a sentence; and more",
    }  # fmt: skip
    assert _clean.usage(given) == {
        "input_tokens": 1, "service_tier": "flex", "details": {"a": 2},
        "list": [{"modality": "TEXT", "n": 3}],
    }  # fmt: skip


def test_before_init_and_after_close_nothing_raises_and_all_is_counted(sdk, monkeypatch):
    sdk.close()
    assert sdk.record("p", "m", {"input_tokens": 1}) == ""
    assert sdk.stats()["not_taken"] == {"after_close": 1}
    monkeypatch.setattr(_client, "CLIENT", _client.Client())
    assert sdk.record("p", "m", {"input_tokens": 1}) == ""
    assert sdk.flush() is True
    assert sdk.stats()["not_taken"] == {"not_configured": 1}


def test_settings_that_cannot_be_read_keep_their_default(sdk, server, caplog):
    sdk.init(url=server.url, api_key="k", max_queue="many", timeout=-1, nonsense=1, spool=False)
    assert _client.CLIENT.settings.max_queue == 20_000
    assert _client.CLIENT.settings.timeout == 10.0
    sdk.record("p", "m", {"input_tokens": 1})
    assert sdk.flush(5)
    assert _client.CLIENT.troubles.counts.values() == {"setting": 3}


def test_environment_says_what_arguments_do_not(sdk, server, monkeypatch, sent):
    monkeypatch.setenv("TKNOPS_URL", server.url)
    monkeypatch.setenv("TKNOPS_API_KEY", "from-environment")
    monkeypatch.setenv("TKNOPS_SPOOL", "off")
    sdk.init(environment="staging", sigterm=False)
    sdk.record("p", "m", {"input_tokens": 1})
    assert sent()[0]["environment"] == "staging"
    assert server.requests[-1]["Authorization"] == "Bearer from-environment"
    assert _client.CLIENT.settings.spool_folder is None
