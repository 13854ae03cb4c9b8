"""The table of sources: when they were heard of, how late, and what became of their events."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.urls import reverse

from billing.margin import MarginReport
from billing.reports.figure_checks import unattributed, unpriced
from billing.reports.table import Column, Row, Table
from tknops.money import divide
from usage.intake import Flow, Lag

_COLUMNS = (
    Column("source", "Source"),
    Column("last_seen", "Last seen (UTC)"),
    Column("lag", "Lag P50 / P95"),
    Column("last_hour", "1 h", "count"),
    Column("last_day", "24 h", "count"),
    Column("stored", "Stored, 30 days", "count"),
    Column("duplicate", "Duplicate", "count"),
    Column("conflict", "Conflict", "count"),
    Column("rejected", "Rejected", "count"),
    Column("rejected_pct", "Rejected %", "percent"),
)
_MONEY = (
    Column("unattributed_pct", "No customer", "percent"),
    Column("unpriced", "Unpriced", "count"),
)


def source_table(found: list[Flow], lags: dict[int, Lag], report: MarginReport | None) -> Table:
    """Build the table; the last columns only for those who may see what cost is made of."""
    rows = [
        Row(_cells(flow, lags.get(flow.source_id), report), _link(flow))
        for flow in found
        if flow.last_seen
    ]
    return Table(_COLUMNS + (_MONEY if report else ()), rows, _total(found), "Sources")


def _link(flow: Flow) -> str:
    return reverse("admin:usage_usagebatch_changelist") + f"?source__id__exact={flow.source_id}"


def _cells(flow: Flow, lag: Lag | None, report: MarginReport | None) -> dict[str, Any]:
    return {
        "source": flow.source,
        "last_seen": f"{flow.last_seen:%Y-%m-%d %H:%M}" if flow.last_seen else None,
        "lag": f"{as_duration(lag.p50)} / {as_duration(lag.p95)}" if lag else None,
        **_counts(flow),
        "rejected_pct": _share(flow.rejected, flow.received),
        "unattributed_pct": unattributed(report, flow.source) if report else None,
        "unpriced": unpriced(report, flow.source) if report else None,
    }


def _counts(flow: Flow) -> dict[str, int]:
    names = ("last_hour", "last_day", "stored", "duplicate", "conflict", "rejected")
    return {name: getattr(flow, name) for name in names}


def _total(found: list[Flow]) -> Row:
    each = [_counts(flow) for flow in found]
    sums: dict[str, Any] = {
        name: sum(counts[name] for counts in each) for name in (each[0] if each else ())
    }
    rejected, received = sum(f.rejected for f in found), sum(f.received for f in found)
    return Row({"source": "All", **sums, "rejected_pct": _share(rejected, received)})


def _share(part: int, whole: int) -> Decimal | None:
    return divide(Decimal(part * 100), Decimal(whole), 4) if whole else None


def as_duration(span: dt.timedelta) -> str:
    """Write a duration in its largest fitting unit."""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if abs(seconds) >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
