"""The tables of SDKs: each process with the events it lacks, and versions with their drops."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from billing.reports.check import Check, State
from billing.reports.table import Column, Row, Table
from usage.intake import Arrival, Process

_SHOWN = 6
_PROCESSES = (
    Column("source", "Source"),
    Column("process", "Process"),
    Column("state", "State", "badge"),
    Column("created", "Created", "count", "Events the process numbered, as far as was heard."),
    Column("arrived", "Arrived", "count", "Numbers that were stored or rejected here, each once."),
    Column("dropped", "Dropped", "count", "Events the SDK says it dropped itself."),
    Column("on_the_way", "On the way", "count", "Neither here nor dropped, but they may come yet."),
    Column("missing", "Missing", "count", "Created − arrived − dropped − on the way."),
    Column("numbers", "Numbers not here"),
    Column("why", "Dropped because"),
    Column("version", "SDK"),
    Column("first_seen", "First seen (UTC)"),
    Column("last_seen", "Last seen (UTC)"),
)
_COUNTED = ("created", "arrived", "dropped", "on_the_way", "missing")
_VERSIONS = (
    Column("source", "Source"),
    Column("version", "SDK"),
    Column("processes", "Processes", "count"),
    *(column for column in _PROCESSES if column.key in _COUNTED),
    Column("why", "Dropped because"),
    Column("last_seen", "Last seen (UTC)"),
)


def process_table(found: Sequence[Process]) -> Table:
    """Build the table of processes with the sums of all."""
    rows = [
        Row(
            {
                "source": one.source,
                "process": one.process,
                "state": str(one.state),
                **counts(one),
                "numbers": numbers(one.holes),
                "why": _reasons(Counter(one.dropped)),
                "version": one.version,
                "first_seen": f"{one.first_seen_at:%Y-%m-%d %H:%M}",
                "last_seen": f"{one.last_seen_at:%Y-%m-%d %H:%M}",
            }
        )
        for one in found
    ]
    total = Row({"source": "All", **_sums(found)})
    return Table(_PROCESSES, rows, total, "Processes", sort="")


def version_table(found: Sequence[Process]) -> Table:
    """Build the table of SDK versions per source, with what was dropped and why."""
    groups: dict[tuple[str, str], list[Process]] = {}
    for one in found:
        groups.setdefault((one.source, one.version), []).append(one)
    rows = []
    for (source, version), those in sorted(groups.items()):
        why: Counter[str] = sum((Counter(one.dropped) for one in those), Counter())
        last = max(one.last_seen_at for one in those)
        rows.append(
            Row(
                {
                    "source": source,
                    "version": version or "unknown",
                    "processes": len(those),
                    **_sums(those),
                    "why": _reasons(why),
                    "last_seen": f"{last:%Y-%m-%d %H:%M}",
                }
            )
        )
    return Table(_VERSIONS, rows, None, "SDKs, 30 days", name="sdks")


def sdk_checks(found: Sequence[Process]) -> list[Check]:
    """Check that what SDKs created is here; nothing where no SDK sends."""
    if not found:
        return []
    missing = sum(one.missing or 0 for one in found)
    unsent = sum(one.on_the_way for one in found if one.state is Arrival.UNSENT)
    dropped = sum(sum(one.dropped.values()) for one in found)
    parts = [
        f"{missing:,} are missing" if missing else "",
        f"{unsent:,} are of processes that ended" if unsent else "",
        f"{dropped:,} were dropped by the SDKs" if dropped else "",
    ]
    told = "; ".join(filter(None, parts))
    created = sum(one.created for one in found)
    sentence = f"Of {created:,} events created by SDKs in 30 days " + (
        f"{told}." if told else "none is missing."
    )
    state = State.PROBLEM if missing else State.ATTENTION if told else State.OK
    return [Check("SDKs", state, sentence, "See which events", reverse("pages:sequence-gaps"))]


def counts(one: Process) -> dict[str, int | None]:
    """Return the figures of a process; None where it is not followed to the number."""
    return {
        "created": one.created,
        "arrived": one.arrived,
        "dropped": sum(one.dropped.values()),
        "on_the_way": None if one.state is Arrival.SCATTERED else one.on_the_way,
        "missing": one.missing,
    }


def _sums(found: Sequence[Process]) -> dict[str, Any]:
    """Add up; what is not known of one process is not known of all."""
    each = [counts(one) for one in found]
    sums: dict[str, Any] = {}
    for name in _COUNTED:
        values = [one[name] for one in each]
        sums[name] = None if None in values else sum(value or 0 for value in values)
    return sums


def numbers(holes: Sequence[tuple[int, int]], shown: int = _SHOWN) -> str:
    """Write numbers as `0-99, 101`, the first few pieces of them."""
    parts = [f"{a}" if a == b else f"{a}-{b}" for a, b in holes[:shown]]
    more = len(holes) - shown
    return ", ".join(parts) + (f" and {more:,} more pieces" if more > 0 else "")


def _reasons(dropped: Counter[str]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in sorted(dropped.items()))
