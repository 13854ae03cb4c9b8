"""Closed months, their figures, tie-outs and adjustments as tables."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from billing.closing import CHECKS, Adjustment, Closing, TieLine
from billing.journal import has_journal
from billing.margin import MarginReport
from billing.measures import FORMULAS
from billing.models import MonthClose, TieOut
from billing.reports.rows import SPECIAL, quoted
from billing.reports.table import Column, Row, Table

_MONEY = ("revenue", "cost", "margin", "allocated_cost")
_FIGURES = (
    Column("name", "Charge class"),
    Column("events", "Calls", "count", adds=True),
    Column("revenue", "Revenue", "money", FORMULAS["revenue"], adds=True),
    Column("cost", "AI cost", "money", FORMULAS["cost"], adds=True),
    Column("margin", "AI margin", "money", FORMULAS["margin"]),
    Column("allocated_cost", "Allocated cost", "money", FORMULAS["allocated_cost"], adds=True),
    Column("unpriced_events", "Unpriced calls", "count", FORMULAS["unpriced_events"], adds=True),
)
_MONTHS = (
    Column("month", "Month"),
    Column("revision", "Revision"),
    Column("state", "State"),
    Column("closed_at", "Closed"),
    Column("closed_by", "By"),
    Column("approved_by", "Approved by"),
    Column("revenue", "Revenue", "money", FORMULAS["revenue"]),
    Column("cost", "AI cost", "money", FORMULAS["cost"]),
    Column("journal", "Journal", help="entries frozen with the month, for ever the same"),
    Column("sha256", "Manifest", help="first digits of its sha256"),
)
_TIES = (
    Column("name", "Figure"),
    Column("currency", "Currency"),
    Column("ours", "Ours", "money"),
    Column("theirs", "Theirs", "money"),
    Column("difference", "Difference", "money", "ours − theirs"),
    Column("note", "Note"),
    Column("entered", "Entered"),
)
_ADJUSTMENTS = (
    Column("customer", "Customer"),
    Column("month", "Closed month"),
    Column("reason", "Reason"),
    Column("events", "Calls", "count", adds=True),
    Column("revenue", "Revenue", "signed_money", adds=True),
    Column("cost", "AI cost", "cost_change", adds=True),
    Column("allocated", "Allocated cost", "cost_change", adds=True),
    Column("margin", "Change of margin", "signed_money", "revenue − AI cost − allocated cost"),
)
OPEN = "open, before the first closed month"


def figures_table(report: MarginReport) -> Table:
    """Build the figures of a month by charge class."""

    def cells(row: Any, name: str) -> dict[str, Any]:
        values = {key: getattr(row, key) for key in (*_MONEY, "events", "unpriced_events")}
        return {"name": name, **values}

    return Table(
        _FIGURES,
        [Row(cells(row, row.key[0])) for row in report.rows],
        Row(cells(report.total, "Total")),
        caption="Figures",
        name="figures",
    )


def frozen_table(manifest: Mapping[str, Any]) -> Table:
    """Build the same of what a manifest holds, and the sum of its charge classes."""
    rows, kept = [], []
    for name, found in sorted(manifest["figures"].items(), reverse=True):
        money = {key: _read(found.get(key)) for key in ("revenue", "allocated_cost")}
        cost, served = (
            _read(found.get(f"contracted_{key}")) for key in ("cost", "cost_of_revenue")
        )
        # What a charge class has nothing of is not in the manifest: it is 0, not unknown.
        for key, waits in (("revenue", "revenue"), ("allocated_cost", "allocated")):
            if money[key] is None and f"{waits}_unconverted" not in found:
                money[key] = Decimal(0)
        revenue = money["revenue"] or Decimal(0)
        kept += [served] if served is not None else []
        rows.append(
            Row(
                {
                    "name": name,
                    "events": found.get("events", 0),
                    "cost": cost,
                    "margin": None if served is None else revenue - served,
                    "unpriced_events": found.get("contracted_unpriced_events", 0),
                    **money,
                }
            )
        )
    return Table(_FIGURES, rows, _total(rows, kept), caption="Frozen figures", name="figures")


def _total(rows: Sequence[Row], served: Sequence[Decimal]) -> Row:
    """Sum what is known of each charge class; the margin of all is revenue − cost of revenue."""
    cells: dict[str, Any] = {"name": "Total"}
    for column in _FIGURES:
        if column.adds:
            known = [value for row in rows if (value := row.value(column)) is not None]
            cells[column.key] = sum(known) if known else None
    revenue = cells["revenue"] or Decimal(0)
    return Row(cells | {"margin": revenue - sum(served) if served else None})


def months_table(found: Sequence[Closing], earlier: Sequence[dt.date] = ()) -> Table:
    """Build the list of closed months, every revision a row, and below those before them."""
    rows = []
    for one in found:
        for close in one.revisions:
            again = getattr(close, "reopening", None)
            figures = close.manifest["figures"].values()
            rows.append(
                Row(
                    {
                        "month": f"{close.month:%Y-%m}",
                        "revision": str(close.revision),
                        "state": f"opened again: {again.reason}" if again else "closed",
                        "closed_at": f"{close.closed_at:%Y-%m-%d %H:%M} UTC",
                        "closed_by": close.closed_by or "command line",
                        "approved_by": close.approved_by,
                        "revenue": _sum(figures, "revenue"),
                        "cost": _sum(figures, "contracted_cost"),
                        "journal": _entries(close.manifest),
                        "sha256": close.sha256[:12],
                    },
                    f"closing/{close.month:%Y-%m}",
                    links=_links(close),
                )
            )
    rows += [
        Row({"month": f"{month:%Y-%m}", "state": OPEN}, f"closing/{month:%Y-%m}")
        for month in reversed(earlier)
        if all(one.month != month for one in found)
    ]
    return Table(_MONTHS, rows, caption="Closed months", name="months")


def ties_table(lines: Sequence[TieLine]) -> Table:
    """Build the comparison with other books."""
    return Table(
        _TIES,
        [
            Row(
                {
                    "name": line.figure.label,
                    "currency": line.currency,
                    "ours": line.ours,
                    "theirs": line.theirs,
                    "difference": line.difference,
                    "note": line.note,
                    "entered": _entered(line),
                }
            )
            for line in lines
        ],
        caption="Tie-out",
        name="tie-out",
    )


def frozen_ties_table(manifest: Mapping[str, Any]) -> Table:
    """Build the same of what a manifest holds."""
    rows = [
        Row(
            {
                "name": TieOut.Figure(one["figure"]).label,
                "currency": one["currency"],
                **{name: _read(one[name]) for name in ("ours", "theirs", "difference")},
                "note": one["note"],
            }
        )
        for one in manifest["tie_outs"]
    ]
    return Table(_TIES[:-1], rows, caption="Tie-out", name="tie-out")


def frozen_checks(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the checks of a manifest, each under the name people read."""
    labels = {check.name: check.label for check in CHECKS}
    return [one | {"label": labels.get(one["check"], one["check"])} for one in manifest["checks"]]


def adjustments_table(rows: Sequence[Adjustment], names: Mapping[str, str]) -> Table:
    """Build the adjustments with their sum; `names` are those of customers by their ids."""
    lines = [
        Row(
            {
                "month": row.month,
                "customer": names.get(row.customer, row.customer),
                "reason": row.reason,
                "events": row.events,
                "revenue": row.revenue,
                "cost": row.cost,
                "allocated": row.allocated,
                "margin": row.margin,
            },
            "" if row.customer in SPECIAL else f"customer/{quoted(row.customer)}",
        )
        for row in rows
    ]
    total = {
        "customer": "Total",
        "events": sum(row.events for row in rows),
        "revenue": sum((row.revenue for row in rows), Decimal(0)),
        "cost": sum((row.cost or Decimal(0) for row in rows), Decimal(0)),
        "allocated": sum((row.allocated for row in rows), Decimal(0)),
    }
    left = sum((row.margin or Decimal(0) for row in rows), Decimal(0))
    return Table(
        _ADJUSTMENTS,
        lines,
        Row({**total, "margin": left}),
        caption="Adjustments",
        name="adjustments",
    )


def _links(close: MonthClose) -> dict[str, str]:
    report = f"closing/{close.month:%Y-%m}/report?revision={close.revision}"
    frozen = has_journal(close.manifest)
    return {
        "revision": report,
        "journal": report if frozen else f"journal?month={close.month:%Y-%m}",
    }


def _entries(manifest: Mapping[str, Any]) -> str:
    if not has_journal(manifest):
        return "read as of now"
    count = len(manifest["journal"]["entries"])
    return f"{count:,} entr{'y' if count == 1 else 'ies'}"


def _entered(line: TieLine) -> str:
    if line.entered is None:
        return ""
    return f"{line.entered.entered_at:%Y-%m-%d} {line.entered.entered_by or ''}".strip()


def _sum(figures: Any, name: str) -> Decimal:
    return sum((_read(one.get(name)) or Decimal(0) for one in figures), Decimal(0))


def _read(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
