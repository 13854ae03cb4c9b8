"""A margin report as the plain rows the API, the command and CSV share."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from billing.margin.report import MarginReport, MarginRow
from billing.rates import Rate
from tknops.spreadsheets import defused
from usage.tokens import QUANTITIES

MONEY = (
    "cost", "cost_of_revenue", "stated_cost", "revenue", "margin", "margin_pct",
    "allocated_cost", "fully_loaded_cost", "loaded_margin", "loaded_margin_pct",
    "invoiced_revenue", "contracted_revenue", "accrued_revenue",
)  # fmt: skip


# Rows rendered at a time: the dicts of all rows of a large report take several times its text.
_AT_ONCE = 1_000


def as_text(value: Decimal | None) -> str | None:
    """Full precision without exponent or trailing zeros; at least the value itself."""
    if value is None:
        return None
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def columns(report: MarginReport) -> list[str]:
    """Name the columns in the order shown."""
    figures = ["events", *QUANTITIES, *MONEY, "unpriced_events", "unpriced_tokens", "basis"]
    return [*report.by, *figures, "attributes"]


def as_dict(report: MarginReport, row: MarginRow) -> dict[str, Any]:
    """Render one row: dimensions under their own names, money as decimal strings or null."""
    return {
        **dict(zip(report.by, row.key, strict=False)),
        "events": row.events,
        **row.tokens,
        **{name: as_text(getattr(row, name)) for name in MONEY},
        "unpriced_events": row.unpriced_events,
        "unpriced_tokens": row.unpriced_tokens,
        "basis": row.basis,
        "attributes": report.attributes,
    }


def as_json(report: MarginReport) -> dict[str, Any]:
    """Render the whole report for JSON."""
    return {"rows": [as_dict(report, row) for row in report.rows], **_beside_rows(report)}


def json_parts(report: MarginReport) -> Iterator[bytes]:
    """Yield what `as_json` says as text, some rows at a time."""
    yield b'{"rows":['
    for at in range(0, len(report.rows), _AT_ONCE):
        rows = [as_dict(report, row) for row in report.rows[at : at + _AT_ONCE]]
        yield (b"," if at else b"") + msgspec.json.encode(rows)[1:-1]
    yield b"]," + msgspec.json.encode(_beside_rows(report))[1:]


def _beside_rows(report: MarginReport) -> dict[str, Any]:
    return {
        "total": as_dict(report, report.total),
        "start": report.period.start.isoformat(),
        "end": report.period.end.isoformat(),
        "as_of": report.as_of.isoformat() if report.as_of else None,
        "currency": report.currency,
        "basis": report.basis,
        "cost_basis": report.cost_basis,
        "attributes": report.attributes,
        "attributes_on": report.attributes_on.isoformat() if report.attributes_on else None,
        "unconverted": {code: as_text(amount) for code, amount in report.unconverted.items()},
        "unconverted_cost": {
            code: as_text(amount) for code, amount in report.unconverted_cost.items()
        },
        "unconverted_allocated_cost": {
            code: as_text(amount) for code, amount in report.unconverted_allocated.items()
        },
        "rates": [rate_as_dict(rate) for rate in report.rates],
    }


def rate_as_dict(rate: Rate) -> dict[str, str]:
    """Render a rate with its day and source."""
    return {
        "base": rate.base,
        "quote": rate.quote,
        "date": rate.date.isoformat(),
        "rate": format(rate.rate.normalize(), "f"),
        "source": rate.source,
        "how": rate.how,
    }


def as_csv(report: MarginReport) -> str:
    """Render the rows as CSV with full precision; unknown is an empty field."""
    return "".join(csv_parts(report))


def csv_parts(report: MarginReport) -> Iterator[str]:
    """Yield what `as_csv` says, some rows at a time."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns(report), restval="", lineterminator="\r\n")
    writer.writeheader()
    for at in range(0, len(report.rows), _AT_ONCE):
        for row in report.rows[at : at + _AT_ONCE]:
            writer.writerow({k: _safe(v) for k, v in as_dict(report, row).items()})
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _safe(value: object) -> object:
    if isinstance(value, str):
        return defused(value)
    return "" if value is None else value
