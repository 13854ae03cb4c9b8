"""What the server's answer means for a batch: reliability rules in one table.

| answer | the batch |
|---|---|
| 200 whose counts add up | settled; rejected events are dead letters |
| 413 | sent again in halves; one event alone is a dead letter |
| 400, 422 | dead letters |
| 408, 425, 429, 5xx, no answer | again, with full jitter, not before Retry-After |
| 401, 403, every other, a 200 not ours | kept, again later, one warning: a setting is wrong |
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

_AGAIN = frozenset({408, 425, 429})
_DEAD = frozenset({400, 422})
_MAX_WAIT = 3600.0


class Fate(enum.Enum):
    """What becomes of a batch."""

    SETTLED = "settled"
    AGAIN = "again"
    HELD = "held"
    TOO_LARGE = "too_large"
    DEAD = "dead"


class Answer(NamedTuple):
    """An HTTP answer; status 0 is none."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Decision(NamedTuple):
    """The fate of a batch, counts by fate of its events, codes of the rejected ones by index."""

    fate: Fate
    status: int = 0
    counts: Mapping[str, int] = {}
    rejected: Mapping[int, str] = {}
    wait: float = 0.0


def decide(answer: Answer, sent: int) -> Decision:
    """Return what an answer to `sent` events means."""
    status = answer.status
    if status == 200:
        return _settled(answer, sent)
    if status == 413:
        return Decision(
            Fate.TOO_LARGE if sent > 1 else Fate.DEAD, status, rejected={0: "too_large"}
        )
    if status in _DEAD:
        return Decision(Fate.DEAD, status, rejected=_codes(_json(answer.body)))
    if status == 0 or status in _AGAIN or status >= 500:
        return Decision(Fate.AGAIN, status, wait=_retry_after(answer))
    return Decision(Fate.HELD, status, wait=_retry_after(answer))


def _settled(answer: Answer, sent: int) -> Decision:
    """Believe a 200 only if its counts add up: a proxy may have answered in the server's place."""
    found = _json(answer.body)
    names = ("stored", "duplicate", "conflict", "rejected")
    counts = {name: found.get(name) for name in names}
    if any(type(count) is not int for count in counts.values()):
        return Decision(Fate.HELD, answer.status)
    if sum(count for count in counts.values() if count is not None) != sent:
        return Decision(Fate.HELD, answer.status)
    return Decision(
        Fate.SETTLED,
        answer.status,
        {name: count for name, count in counts.items() if count},
        _codes(found),
    )


def _codes(found: Mapping[str, Any]) -> dict[int, str]:
    codes: dict[int, str] = {}
    for entry in found.get("results") or found.get("errors") or ():
        if isinstance(entry, dict) and entry.get("status") == "rejected":
            index, code = entry.get("index"), entry.get("code")
            if isinstance(index, int):
                codes[index] = str(code)[:50]
    return codes


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _retry_after(answer: Answer) -> float:
    said: Optional[str] = answer.headers.get("retry-after")
    try:
        return min(max(float(said or 0), 0.0), _MAX_WAIT)
    except ValueError:
        return 0.0
