"""Usage without a price, ranked by what it likely cost; an estimate, never booked."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from urllib.parse import urlencode

from billing.margin import MarginReport, MarginRow, Scenario, margin
from billing.measures import NONE
from billing.reports.rows import ZERO
from billing.reports.table import Column, Row, Table
from tknops.calendar import Period
from tknops.money import EXACT
from usage.models import Price, PriceAdjustment
from usage.pricing import Book, ModelMatcher, PriceChange
from usage.pricing.adjusting import ORDINARY_TIERS
from usage.pricing.gaps import UNKNOWN_MODEL, class_label, why_unpriced
from usage.tokens import UNCACHED, UNITS

_BY = ("provider", "model", "service_tier", "region", "unit")
_COLUMNS = (
    Column("model", "Model"),
    Column("provider", "Provider"),
    Column("tier", "Tier"),
    Column("region", "Region"),
    Column("what", "Without a price"),
    Column("why", "Why"),
    Column("events", "Calls", "count", "calls with a quantity without a price", adds=True),
    Column("tokens", "Tokens", "tokens", "tokens without a price", adds=True),
    Column(
        "estimate",
        "Likely cost",
        "money",
        "an estimate: AI cost as if it had the near price named, less the AI cost without it; "
        "in no other figure",
    ),
    Column("near", "Estimated"),
    Column("price", "Price"),
)


@dataclass(slots=True)
class Unpriced:
    """One provider × model × tier × region × unit that lacks prices."""

    provider: str
    model: str
    tier: str
    region: str
    unit: str
    events: int
    tokens: int
    missing: dict[str, int]
    why: str = ""
    near: str = ""
    suggestion: str = ""
    estimate: Decimal | None = None


@dataclass(slots=True)
class Queue:
    """The rows, and the change the estimates rest on."""

    rows: list[Unpriced] = field(default_factory=list)
    currency: str = ""

    @property
    def unknown(self) -> list[Unpriced]:
        """Return one row per model the book does not know, the likely dearest first."""
        found: dict[tuple[str, str], Unpriced] = {}
        for row in sorted(self.rows, key=lambda r: (-(r.estimate or ZERO), -r.tokens, r.model)):
            if row.why == UNKNOWN_MODEL:
                found.setdefault((row.provider, row.model), row)
        return list(found.values())


def unpriced_queue(*, period: Period, currency: str) -> Queue:
    """Ask what has no price in a period, say why, and estimate by the nearest price."""
    now = margin(by=_BY, period=period)
    rows = [_unpriced(row.key, row) for row in now.rows if row.unpriced_events]
    book = Book()
    matcher = book.matcher()
    known = {(r.provider, r.model): matcher.match(r.provider, r.model) for r in rows}
    prices: dict[tuple[str, str], list[Price]] = defaultdict(list)
    for price in book.prices({model for model in known.values() if model}):
        prices[price.provider_code, price.model].append(price)
    aliases: dict[tuple[str, str], str] = {}
    factors: dict[tuple[object, ...], PriceAdjustment] = {}
    for row in rows:
        priced = known[row.provider, row.model]
        _explain(row, prices.get((row.provider, priced or ""), []))
        if priced is None:
            _suggest(row, matcher, aliases)
        else:
            _refer(row, priced, factors)
    _estimate(rows, now, PriceChange(adjustments=tuple(factors.values()), aliases=aliases))
    return Queue(rows, currency)


def queue_table(queue: Queue) -> Table:
    """Lay the queue out, the likely dearest first."""
    table = Table(
        _COLUMNS,
        [_row(row, queue.currency) for row in queue.rows],
        Row({
            "model": "Total",
            "events": sum(row.events for row in queue.rows),
            "tokens": sum(row.tokens for row in queue.rows),
        }),
        caption="Usage without a price",
        name="unpriced",
        note="The likely cost is an estimate and in no other figure.",
    )  # fmt: skip
    return table.ordered("-tokens").ordered("-estimate")


def _unpriced(key: tuple[str, ...], row: MarginRow) -> Unpriced:
    provider, model, tier, region, unit = ("" if part == NONE else part for part in key)
    return Unpriced(
        provider,
        model,
        tier,
        region,
        unit,
        events=row.unpriced_events,
        tokens=row.unpriced_tokens,
        missing=dict(row.unpriced),
    )


def _explain(row: Unpriced, prices: list[Price]) -> None:
    reasons = {
        why_unpriced(
            prices,
            tier=row.tier,
            region=row.region,
            key=(name, row.unit if name == UNITS else ""),
        )
        for name in row.missing
    }
    row.why = "; ".join(sorted(reasons))


def _suggest(row: Unpriced, matcher: ModelMatcher, aliases: dict[tuple[str, str], str]) -> None:
    for near in matcher.suggest(row.provider, row.model, count=1):
        aliases[row.provider, row.model] = near
        row.suggestion, row.near = near, f"as {near}"


def _refer(row: Unpriced, model: str, factors: dict[tuple[object, ...], PriceAdjustment]) -> None:
    """Refer a tier without prices to the ordinary one, a cached class to the uncached."""
    near = []
    if row.tier not in ORDINARY_TIERS:
        near.append("at the ordinary tier's price")
        _factor(row, model, factors, kind=PriceAdjustment.Kind.TIER_FACTOR, tier=row.tier)
    for name in row.missing.keys() & UNCACHED.keys():
        near.append("at the uncached price")
        _factor(row, model, factors, kind=PriceAdjustment.Kind.CACHE_FACTOR, token_class=name)
    row.near = ", ".join(dict.fromkeys(near))


def _factor(
    row: Unpriced,
    model: str,
    factors: dict[tuple[object, ...], PriceAdjustment],
    *,
    kind: str,
    tier: str = "",
    token_class: str = "",
) -> None:
    terms = PriceAdjustment(
        name="estimate",
        kind=kind,
        value=Decimal(1),
        provider_code=row.provider,
        model=model,
        service_tier=tier,
        token_class=token_class,
    )
    factors[row.provider, model, kind, tier, token_class] = terms


def _estimate(rows: list[Unpriced], now: MarginReport, change: PriceChange) -> None:
    """Ask the margin again as if the near prices were in force; the difference is the estimate."""
    if not change:
        return
    then = margin(by=_BY, period=now.period, scenario=Scenario(change))
    before = {row.key: row for row in now.rows}
    after = {row.key: row for row in then.rows}
    with localcontext(EXACT):
        for row in rows:
            parts = (row.provider, row.model, row.tier, row.region, row.unit)
            key = tuple(part or NONE for part in parts)
            old, new = before[key], after[key]
            if new.cost is not None and new.unpriced_events < old.unpriced_events:
                row.estimate = new.cost - (old.cost or ZERO)
            else:
                row.near = ""


def _row(row: Unpriced, currency: str) -> Row:
    classes = [class_label(name, row.unit) for name in row.missing]
    first = next(iter(row.missing), "")
    prefilled = {
        "provider_code": row.provider, "model": row.model, "service_tier": _tier(row.tier),
        "region": row.region, "token_class": first, "unit": row.unit if first == UNITS else "",
        "currency": currency,
    }  # fmt: skip
    return Row(
        {
            "model": row.model,
            "provider": row.provider,
            "tier": row.tier,
            "region": row.region,
            "what": ", ".join(classes),
            "why": row.why,
            "events": row.events,
            "tokens": row.tokens,
            "estimate": row.estimate,
            "near": row.near,
        },
        links={"price": f"usage/price/add/?{urlencode(prefilled)}"},
        actions={"price": "Add a price"},
    )


def _tier(tier: str) -> str:
    return "" if tier in ORDINARY_TIERS else tier
