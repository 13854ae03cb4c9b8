"""The models table: tokens by class, effective price, what the cache saves."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any

from billing.margin import MarginReport, MarginRow
from billing.measures import FORMULAS
from billing.reports.breakdown import CHANGE, COST, SHARE, cost_table
from billing.reports.rows import ZERO, quoted
from billing.reports.table import Column, Table
from tknops.calendar import Period
from tknops.money import EXACT, MILLION, divide
from usage.models import Sku
from usage.pricing import PriceRow, price_rows
from usage.tokens import INPUT_TOKENS, TOKENS

_WRITES = ("cache_write_tokens", "cache_write_1h_tokens")
_COLUMNS = (
    COST,
    SHARE,
    Column("input", "Input", "tokens", "uncached input tokens", adds=True),
    Column("cache_read", "Cache read", "tokens", "cache read tokens", adds=True),
    Column("cache_write", "Cache write", "tokens", "cache write tokens, 5 min and 1 h", adds=True),
    Column("output", "Output", "tokens", "output tokens, reasoning included", adds=True),
    Column("effective", "Price per million", "price", FORMULAS["effective_price"]),
    Column("cache_rate", "Cache rate", "percent", FORMULAS["cache_rate"]),
    Column("savings", "Cache savings", "money", FORMULAS["cache_savings"], adds=True),
    CHANGE,
)
Model = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PriceChange:
    """The first day of another price of a model, and by how much its output moved."""

    model: Model
    period_start: Any
    change_pct: Decimal | None


def book() -> dict[Model, list[PriceRow]]:
    """Return the ordinary prices of each model used, oldest first."""
    skus = {sku.pk: (sku.provider_code, sku.model) for sku in Sku.objects.all()}
    found: dict[Model, list[PriceRow]] = {}
    seen = set()
    for row in sorted(price_rows(), key=lambda r: (r.sku_id, r.start)):
        model = skus[row.sku_id]
        if row.band == 0 and not row.window and (model, row.start) not in seen:
            seen.add((model, row.start))
            found.setdefault(model, []).append(row)
    return found


def price_changes(prices: dict[Model, list[PriceRow]], period: Period) -> list[PriceChange]:
    """List the days within a period on which a model's price moved."""
    found = []
    for model, rows in sorted(prices.items()):
        for old, new in pairwise(rows):
            if period.start < new.start < period.end and old.tokens != new.tokens:
                was, now = old.tokens.get("output_tokens"), new.tokens.get("output_tokens")
                moved = divide((now - was) * 100, was, 1) if was and now is not None else None
                found.append(PriceChange(model, new.start, moved))
    return found


def savings(
    reports: Sequence[MarginReport], prices: dict[Model, list[PriceRow]]
) -> dict[Model, Decimal]:
    """Sum what the cache saved per model; each report lies within one price of each model."""
    found: dict[Model, Decimal] = {}
    with localcontext(EXACT):
        for report in reports:
            for row in report.rows:
                model = (row.key[0], row.key[1])
                if tokens := _in_force(prices.get(model, []), report):
                    found[model] = found.get(model, ZERO) + _saved(row, tokens)
    return found


def _in_force(rows: list[PriceRow], report: MarginReport) -> dict[str, Decimal]:
    """Return the prices, none where one is in another currency: its savings are not known here."""
    start = report.period.start
    row = next((row for row in rows if row.start <= start < row.end), None)
    if row is None or any(row.currency(name) != report.currency for name in row.tokens):
        return {}
    return row.tokens


def _saved(row: MarginRow, price: dict[str, Decimal]) -> Decimal:
    full = price.get("input_tokens")
    if full is None:
        return ZERO
    saved = row.tokens["cache_read_tokens"] * (full - price.get("cache_read_tokens", full))
    for write in _WRITES:
        saved -= row.tokens[write] * (price.get(write, full) - full)
    return saved.scaleb(-6)


def models(*, now: MarginReport, before: MarginReport, saved: dict[Model, Decimal]) -> Table:
    """Build the table from reports by provider × model."""

    def extra(row: MarginRow) -> dict[str, Any]:
        whole = sum(saved.values(), ZERO) if saved else None
        return {
            "input": row.tokens["input_tokens"],
            "cache_read": row.tokens["cache_read_tokens"],
            "cache_write": sum(row.tokens[name] for name in _WRITES),
            "output": row.tokens["output_tokens"],
            "effective": effective_price(row),
            "cache_rate": cache_rate(row),
            "savings": saved.get((row.key[0], row.key[1])) if row.key else whole,
        }

    return cost_table(
        now,
        before,
        caption="Models",
        columns=_COLUMNS,
        extra=extra,
        link=lambda row: f"models?provider={quoted(row.key[0])}&model={quoted(row.key[1])}",
        heads=("provider", "model"),
    )


def effective_price(row: MarginRow) -> Decimal | None:
    """Return cost per million priced tokens."""
    tokens = sum(row.tokens[token] for token in TOKENS) - row.unpriced_tokens
    return None if row.cost is None else divide(row.cost * MILLION, Decimal(tokens), 6)


def cache_rate(row: MarginRow) -> Decimal | None:
    """Return the share of input tokens read from a cache, in percent."""
    read = Decimal(row.tokens["cache_read_tokens"] * 100)
    return divide(read, Decimal(sum(row.tokens[token] for token in INPUT_TOKENS)), 4)
