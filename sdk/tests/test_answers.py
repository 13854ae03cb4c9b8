"""The table of answers, and full jitter."""

import json

import pytest

from tknops_sdk._delivery.answers import Answer, Fate, decide
from tknops_sdk._delivery.backoff import Backoff


def body(**counts):
    return json.dumps(
        {"stored": 0, "duplicate": 0, "conflict": 0, "rejected": 0, **counts}
    ).encode()


@pytest.mark.parametrize(
    ("status", "said", "fate"),
    [
        (200, body(stored=2), Fate.SETTLED),
        (200, body(stored=1, rejected=1), Fate.SETTLED),
        (200, body(stored=1), Fate.HELD),  # one is missing
        (200, b"<html>", Fate.HELD),
        (200, b'{"stored": true}', Fate.HELD),
        (0, b"", Fate.AGAIN),
        *((status, b"", Fate.AGAIN) for status in (408, 425, 429, 500, 502, 503, 504)),
        *((status, b"", Fate.HELD) for status in (301, 401, 403, 404, 405, 415)),
        *((status, b"{}", Fate.DEAD) for status in (400, 422)),
        (413, b"", Fate.TOO_LARGE),
    ],
)
def test_answers(status, said, fate):
    assert decide(Answer(status, {}, said), 2).fate is fate


def test_one_event_too_large_is_dead():
    assert decide(Answer(413), 1).fate is Fate.DEAD


@pytest.mark.parametrize(
    ("said", "wait"), [("7", 7), ("999999", 3600), ("-1", 0), ("Wed, 21 Oct", 0), (None, 0)]
)
def test_retry_after(said, wait):
    headers = {} if said is None else {"retry-after": said}
    assert decide(Answer(429, headers), 1).wait == wait


def test_backoff_draws_from_a_range_that_doubles_and_never_before_the_server_said():
    ranges = []
    backoff = Backoff(lambda low, high: ranges.append((low, high)) or high)
    for _ in range(8):
        backoff.fail(100.0, 0.0)
    assert ranges == [(0, most) for most in (1, 2, 4, 8, 16, 32, 60, 60)]
    backoff.fail(100.0, 300.0)
    assert backoff.not_before == 400.0
    backoff.hurry()
    assert backoff.not_before == 400.0
    backoff.succeed()
    assert (backoff.failures, backoff.not_before) == (0, 0.0)
