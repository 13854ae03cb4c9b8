"""Reconciliations as tables: providers of a month, the parts of a variance, models, days, lines."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from billing.models import ProviderInvoiceLine
from billing.reconciliation import PARTS, Compared, Reconciliation
from billing.reports.rows import ZERO, quoted
from billing.reports.table import Column, Row, Table
from tknops.money import MILLION, divide, round_half_up

_PRICE_DIGITS = 10
_NAMES = {"openai": "OpenAI", "aws": "AWS", "x-ai": "xAI"}
_SIDES = (
    Column("billed", "Billed", "money", "total of the bills: usage, credits, tax", adds=True),
    Column("reported", "Tracked in reports", "money", "AI cost of the reporting days", adds=True),
    Column("variance", "Variance", "signed_money", "billed − tracked in reports", adds=True),
)
_COVERAGE = "tracked ÷ billed cost of usage, both on UTC days, before credits and tax"
_PROVIDERS = (
    Column("name", "Provider"),
    Column(
        "state", "State", "badge", "quantity + price + unpriced + unexplained, by its threshold"
    ),
    *_SIDES,
    Column("coverage", "Coverage", "percent", _COVERAGE),
    Column("left", "To true up", "signed_money", "variance − tax − cut-off − trued up", adds=True),
    Column("unconverted", "Without a rate", help="billed in another currency: in no figure"),
)
_MODELS = (
    Column("name", "Model"),
    Column("token_class", "Token class"),
    Column("billed_quantity", "Billed quantity", "count"),
    Column("tracked_quantity", "Tracked quantity", "count", "on UTC days"),
    Column("billed", "Billed", "money", adds=True),
    Column("tracked", "Tracked", "money", "on UTC days", adds=True),
    Column("difference", "Difference", "signed_money", "billed − tracked", adds=True),
    *(
        Column(name, PARTS[name][0], "signed_money", PARTS[name][1], adds=True)
        for name in ("quantity", "price", "unpriced", "unexplained")
    ),
    Column("billed_price", "Billed per million", "price", "billed × 1,000,000 ÷ billed quantity"),
    Column(
        "tracked_price", "Tracked per million", "price", "tracked × 1,000,000 ÷ priced quantity"
    ),
)
_DAYS = (Column("name", "UTC day"), *_MODELS[4:11])
_LINES = (
    Column("reference", "In the file"),
    Column("day", "UTC day"),
    Column("kind", "Kind"),
    Column("model", "Model as billed"),
    Column("meter", "Meter"),
    Column("quantity", "Quantity", "count"),
    Column("as_billed", "As spelled"),
    Column("cost", "Billed cost", "price"),
    Column("credits", "Credits", "price"),
    Column("tax", "Tax", "price"),
    Column("currency", "Currency"),
)


def provider_name(code: str) -> str:
    """Write a provider as it writes itself, as far as known."""
    return _NAMES.get(code) or code.replace("-", " ").capitalize()


def link(found: Reconciliation) -> str:
    """Return the path of a provider's page."""
    return f"reconciliation/of/{quoted(found.provider)}?month={found.month:%Y-%m}"


def providers_table(found: Sequence[Reconciliation]) -> Table:
    """Build the table of a month; providers without a bill show what is tracked alone."""
    rows = [Row(_provider(one), link(one)) for one in sorted(found, key=_largest)]
    with_bill = [one for one in found if one.billed is not None]
    total = None
    if with_bill:
        sums = {c.key: _sum(rows, c.key) for c in _PROVIDERS if c.adds}
        total = Row({"name": "Total", **sums, "coverage": coverage(with_bill)})
    return Table(_PROVIDERS, rows, total, caption="Providers", name="providers", sort="-billed")


def _largest(one: Reconciliation) -> tuple[bool, Decimal, str]:
    return one.billed is None, -(one.billed or ZERO), one.provider


def _provider(one: Reconciliation) -> dict[str, Any]:
    return {
        "name": provider_name(one.provider),
        "state": one.state,
        "billed": one.billed,
        "reported": one.reported if one.reported or one.is_priced else None,
        "variance": one.variance,
        "coverage": one.coverage,
        "left": one.to_true_up if one.billed is not None else None,
        "unconverted": ", ".join(f"{amount:,} {code}" for code, amount in one.unconverted.items()),
    }


def _sum(rows: Iterable[Row], key: str) -> Decimal:
    return sum((row.cells[key] for row in rows if row.cells[key] is not None), ZERO)


def coverage(found: Iterable[Reconciliation]) -> Decimal | None:
    """Return tracked ÷ billed cost of usage of several, in percent; those with a bill alone."""
    known = [one for one in found if one.usage is not None]
    usage = sum((one.usage or ZERO for one in known), ZERO)
    return divide(sum((one.tracked for one in known), ZERO) * 100, usage, 4)


def parts_table(found: Sequence[Reconciliation]) -> Table:
    """Build the table of parts, one column for each provider with a bill."""
    known = [one for one in found if one.billed is not None]
    columns = (
        Column("name", "Part"),
        *(
            Column(one.provider, provider_name(one.provider), "signed_money", adds=True)
            for one in known
        ),
        *([Column("together", "Together", "signed_money", adds=True)] if len(known) != 1 else []),
    )
    rows = [
        Row({
            "name": label,
            **{one.provider: one.parts[name] for one in known},
            "together": sum((one.parts[name] for one in known), ZERO),
        })
        for name, (label, _) in PARTS.items()
    ]  # fmt: skip
    keys = [column.key for column in columns if column.adds]
    total = Row({"name": "Variance", **{key: _sum(rows, key) for key in keys}})
    return Table(columns, rows, total, caption="Where the variance is", name="parts")


def effects(found: Iterable[Reconciliation]) -> list[tuple[str, Decimal]]:
    """Return the steps of the waterfall from tracked to billed; what rounds to 0 is no step."""
    known = [one for one in found if one.billed is not None]
    sums = {name: sum((one.parts[name] for one in known), ZERO) for name in PARTS}
    return [(PARTS[name][0], amount) for name, amount in sums.items() if round_half_up(amount, 2)]


def models_table(found: Reconciliation) -> Table:
    """Build the table of models and token classes, the largest difference first."""
    rows = [
        Row(_compared(row) | {"name": row.model or "(no model named)"}, lines_link(found, row))
        for row in found.models
    ]
    rows.sort(key=lambda row: -abs(row.cells["difference"]))
    return Table(_MODELS, rows, _total(_MODELS, rows), caption="Models", name="models")


def lines_link(found: Reconciliation, row: Compared) -> str:
    """Return the path of both sides of a row."""
    query = f"month={found.month:%Y-%m}&named={quoted(row.model)}&class={row.token_class}"
    return f"reconciliation/lines/{quoted(found.provider)}?{query}"


def days_table(found: Reconciliation) -> Table | None:
    """Build the table of UTC days; None where the bill names none."""
    if not found.days:
        return None
    rows = []
    for day, compared in found.days.items():
        cells = [_compared(row) for row in compared]
        sums = {c.key: sum((one[c.key] for one in cells), ZERO) for c in _DAYS[1:]}
        query = f"month={found.month:%Y-%m}&day={day}"
        rows.append(
            Row(
                {"name": str(day), **sums}, f"reconciliation/lines/{quoted(found.provider)}?{query}"
            )
        )
    return Table(_DAYS, rows, _total(_DAYS, rows), caption="UTC days", name="days")


def _total(columns: Sequence[Column], rows: Sequence[Row]) -> Row:
    return Row({"name": "Total", **{c.key: _sum(rows, c.key) for c in columns if c.adds}})


def _compared(row: Compared) -> dict[str, Any]:
    billed, tracked = row.billed, row.tracked
    known = {name: row.parts.get(name, ZERO) for name in ("quantity", "price", "unpriced")}
    return {
        "token_class": row.token_class.removesuffix("_tokens").replace("_", " ") or "all",
        "billed_quantity": _count(billed.quantity),
        "tracked_quantity": _count(tracked.quantity),
        "billed": billed.cost,
        "tracked": tracked.cost,
        "difference": billed.cost - tracked.cost,
        **known,
        "unexplained": row.parts.get("unexplained", ZERO),
        "billed_price": divide(billed.cost * MILLION, billed.quantity or ZERO, _PRICE_DIGITS),
        "tracked_price": divide(tracked.cost * MILLION, tracked.priced, _PRICE_DIGITS),
    }


def _count(value: Decimal | None) -> int | Decimal | None:
    return int(value) if value is not None and value == int(value) else value


def lines_table(lines: Iterable[ProviderInvoiceLine], *, linked: bool) -> Table:
    """Build the table of bill lines as they are in the files, exact; `linked` to their import."""
    rows = [
        Row(
            {
                "reference": _reference(line),
                "day": str(line.day or "the month"),
                "kind": line.get_kind_display(),
                "model": line.model,
                "meter": line.meter or line.token_class,
                "quantity": _count(line.quantity),
                "as_billed": line.as_billed,
                "cost": line.billed_cost,
                "credits": line.credits or None,
                "tax": line.tax or None,
                "currency": line.invoice.currency,
            },
            f"provider-bills/{line.invoice.provider_import_id}" if linked else "",
        )
        for line in lines
    ]
    return Table(_LINES, rows, caption="Lines of the bill", name="lines")


def _reference(line: ProviderInvoiceLine) -> str:
    name = line.invoice.file_name
    return line.reference if line.reference.startswith(name) else f"{name}, {line.reference}"
