"""Tag keys as tables: how much they cover, what their values cost, what merging values moves."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from billing.margin import MarginReport, MarginRow
from billing.measures import FORMULAS, NONE, NOT_SPLIT
from billing.reports.rows import ZERO, last, share
from billing.reports.table import Column, Row, Table
from usage.models import TagDimension
from usage.tagging import KeyUse

_TOP = 3
_KEYS = (
    Column("key", "Key"),
    Column("label", "Named"),
    Column("state", "State", "badge"),
    Column("values", "Distinct values", "count", "values in contexts, aliases counted apart"),
    Column("full_pct", "Of limit", "percent", "distinct values ÷ values a key may have"),
    Column("contexts_pct", "Contexts", "percent", "contexts that carry the key ÷ all contexts"),
    Column("events_pct", "Events", "percent", "events that carry the key ÷ all events"),
    Column("cost", "AI cost", "money", FORMULAS["cost"]),
    Column("cost_pct", "Of AI cost", "percent", "AI cost of events with the key ÷ AI cost"),
    Column("first", "First used"),
    Column("last", "Last used"),
    Column("top", "Top values by AI cost"),
)
_MERGED = (
    Column("value", "Value"),
    Column("read_as", "Read as"),
    Column("calls", "Calls", "count", FORMULAS["events"], adds=True),
    Column("cost", "AI cost", "money", FORMULAS["cost"], adds=True),
    Column("calls_year", "Calls, 13 months", "count", adds=True),
    Column("cost_year", "AI cost, 13 months", "money", adds=True),
)


def key_table(
    uses: Sequence[KeyUse],
    named: Mapping[str, TagDimension],
    reports: Mapping[str, MarginReport],
) -> Table:
    """Build the table of keys; figures of money where a report by the key is given."""
    rows = [_key_row(use, named.get(use.key), reports.get(use.key)) for use in uses]
    return Table(_KEYS, last(rows), caption="Tag keys", name="tags", sort="-contexts_pct")


def _key_row(use: KeyUse, named: TagDimension | None, report: MarginReport | None) -> Row:
    ignored = bool(named and named.is_ignored)
    cells: dict[str, Any] = {
        "key": use.key,
        "label": named.label if named else "",
        "state": state(use, named),
        "values": use.values,
        "full_pct": share(Decimal(use.values), Decimal(use.limit)),
        "contexts_pct": share(Decimal(use.contexts), Decimal(use.all_contexts)),
        "first": f"{use.first_day or ''}",
        "last": f"{use.last_day or ''}",
    }
    if report:
        cells |= covered(report)
    return Row(cells, f"tag/{use.key}", stays_last=ignored)


def state(use: KeyUse, named: TagDimension | None) -> str:
    """Name what was decided about a key, or that it is full."""
    if named and named.is_ignored:
        return "ignored"
    if use.limited_at:
        return "full"
    return "named" if named and named.label else "open"


def covered(report: MarginReport) -> dict[str, Any]:
    """Return what of events and AI cost carries the key, and the dearest values."""
    with_key = _with_key(report)
    events = sum(row.events for row in with_key)
    cost = sum((row.cost for row in with_key if row.cost is not None), ZERO)
    dearest = sorted(with_key, key=lambda row: (-(row.cost or ZERO), row.key))[:_TOP]
    return {
        "events_pct": share(Decimal(events), Decimal(report.total.events)),
        "cost": cost,
        "cost_pct": share(cost, report.total.cost),
        "top": ", ".join(_with_share(row, cost) for row in dearest),
    }


def _with_key(report: MarginReport) -> list[MarginRow]:
    return [row for row in report.rows if row.key[0] not in {NONE, NOT_SPLIT}]


def _with_share(row: MarginRow, whole: Decimal) -> str:
    found = share(row.cost, whole)
    return row.key[0] if found is None else f"{row.key[0]} {found:.0f}\u00a0%"


def merge_table(
    now: MarginReport, year: MarginReport, values: Collection[str], canonical: str
) -> Table:
    """Show the rows that become one, and that one as their sum."""
    merging = [*sorted(set(values) - {canonical}), canonical]
    months, years = ({row.key[0]: row for row in report.rows} for report in (now, year))
    nothing = MarginRow(("",), cost=ZERO)
    rows = []
    for value in merging:
        month, long = months.get(value, nothing), years.get(value, nothing)
        rows.append(Row({
            "value": value, "read_as": canonical, "calls": month.events, "cost": month.cost,
            "calls_year": long.events, "cost_year": long.cost,
        }))  # fmt: skip
    total: dict[str, Any] = {"value": f"{canonical} afterwards", "read_as": canonical}
    for column in _MERGED[2:]:
        found = [value for row in rows if (value := row.cells[column.key]) is not None]
        total[column.key] = sum(found) if found else None
    return Table(_MERGED, rows, Row(total), caption="What becomes one", name="merge")
