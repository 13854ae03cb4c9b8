"""The margin bridge: what moved the AI margin from one period to the other, summing exactly."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext

from billing.reports.rows import ZERO
from billing.reports.table import Column, Row, Table
from tknops.money import EXACT, divide

_DIGITS = 12
_CENT = Decimal("0.02")
Sku = tuple[str, ...]

_PRICE = (
    "same plan, interval and seats at another price: revenue now − the same at the mean price "
    "before; where neither subscription nor list price proves the seats: expansion, contraction"
)
REVENUE_EFFECTS = {
    "new": ("New customers", "revenue of customers without revenue the period before"),
    "expansion": (
        "Expansion",
        "increase of customers with revenue in both periods; also by a price not told from seats",
    ),
    "contraction": ("Contraction", "decrease of such customers, the same way"),
    "churned": ("Churned customers", "revenue of customers that have none any more"),
    "price": ("Price", _PRICE),
    "calendar": ("Days in the period", "same price, more or fewer days it is spread over"),
    "credits": ("Credits and refunds", "change of credit notes and refunds recognised"),
    "currency": ("Currency", "revenue in other currencies, at its rates − at the closing rates"),
    "corrections": ("Corrections", "revenue of closed months posted in the period"),
}
COST_EFFECTS = {
    "volume": ("Volume", "change of calls × cost per call before"),
    "mix": ("Model mix", "calls now, each model at its own cost per call before"),
    "efficiency": ("Efficiency", "tokens per call, share of cache and output, at prices before"),
    "provider_price": (
        "Provider price",
        "tokens now × change of price, of models whose price changed",
    ),
    "unattributed": ("Unattributed cost", "change of cost without a customer"),
    "cost_currency": ("Currency of cost", "cost in other currencies, the same way"),
    "cost_corrections": ("Corrections of cost", "cost of closed months posted in the period"),
}
EFFECTS = {"revenue": REVENUE_EFFECTS, "cost of revenue": COST_EFFECTS}


@dataclass(frozen=True, slots=True)
class Side:
    """One period: revenue and credits by customer; calls, tokens and cost by model.

    `month_days` are those of the whole month a running period is part of. `revenue_rates`,
    `cost_rates` and `unattributed_rates` are the part of those figures that the period's own rates
    make beside the rates of one day for both periods, `rates_on`. `priced` is the part of revenue,
    at the rates of that day, that other prices than those before make. The corrections are in no
    other figure.
    """

    days: int
    month_days: int
    revenue: Mapping[str, Decimal]
    credits: Mapping[str, Decimal]
    models: Mapping[Sku, "Use"]
    unattributed: Decimal = ZERO
    revenue_rates: Mapping[str, Decimal] = field(default_factory=dict)
    cost_rates: Mapping[Sku, Decimal] = field(default_factory=dict)
    unattributed_rates: Decimal = ZERO
    rates_on: dt.date | None = None
    priced: Mapping[str, Decimal] = field(default_factory=dict)
    revenue_corrections: Decimal = ZERO
    cost_corrections: Decimal = ZERO

    @property
    def margin(self) -> Decimal:
        """Revenue less all priced cost."""
        cost = sum((use.cost for use in self.models.values()), self.unattributed)
        revenue = sum(self.revenue.values(), self.revenue_corrections)
        return revenue - cost - self.cost_corrections

    @property
    def at_one_day(self) -> "Side":
        """The same at the rates of the one day."""
        models = {
            sku: replace(use, cost=use.cost - self.cost_rates.get(sku, ZERO))
            for sku, use in self.models.items()
        }
        revenue = {
            name: amount - self.revenue_rates.get(name, ZERO)
            for name, amount in self.revenue.items()
        }
        unattributed = self.unattributed - self.unattributed_rates
        return replace(self, revenue=revenue, models=models, unattributed=unattributed)

    @property
    def currency(self) -> tuple[Decimal, Decimal]:
        """What its own rates make of revenue, and of cost."""
        revenue = (self.revenue_rates.get(name, ZERO) for name in self.revenue)
        cost = (self.cost_rates.get(sku, ZERO) for sku in self.models)
        return sum(revenue, ZERO), sum(cost, self.unattributed_rates)


@dataclass(frozen=True, slots=True)
class Use:
    """What a model was used for: calls, tokens and their cost."""

    calls: int
    tokens: int
    cost: Decimal


def bridge(before: Side, now: Side, *, repriced: Collection[Sku]) -> dict[str, Decimal]:
    """Split the change of the margin into effects on it; they sum to it exactly.

    Both periods are compared at the rates of one day; what their own rates make is the currency
    effect. Revenue is split by customer: what a changed price makes of one that stays is told
    apart, the rest is its movement. Cost moves step by step (volume, mix, efficiency, price), each
    step the difference of two totals, so that what a rounded total lacks is in the next step.
    """
    with localcontext(EXACT):
        old, new = before.at_one_day, now.at_one_day
        effects = _revenue_effects(old, new)
        steps = _cost_steps(old.models, new.models, repriced)
        names = ("volume", "mix", "efficiency", "provider_price")
        for name, left, right in zip(names, steps, steps[1:], strict=False):
            effects[name] = left - right
        effects["unattributed"] = old.unattributed - new.unattributed
        (revenue_was, cost_was), (revenue_is, cost_is) = before.currency, now.currency
        effects["currency"] = revenue_is - revenue_was
        effects["cost_currency"] = cost_was - cost_is
        effects["corrections"] = now.revenue_corrections - before.revenue_corrections
        effects["cost_corrections"] = before.cost_corrections - now.cost_corrections
    return effects


def _revenue_effects(before: Side, now: Side) -> dict[str, Decimal]:
    effects = dict.fromkeys(REVENUE_EFFECTS, ZERO)
    for customer in before.revenue.keys() | now.revenue.keys():
        credited = now.credits.get(customer, ZERO) - before.credits.get(customer, ZERO)
        effects["credits"] += credited
        old = before.revenue.get(customer, ZERO) - before.credits.get(customer, ZERO)
        new = now.revenue.get(customer, ZERO) - now.credits.get(customer, ZERO)
        if not old or not new:
            effects["churned" if old else "new"] += new - old
            continue
        priced = now.priced.get(customer, ZERO)
        effects["price"] += priced
        effects[_movement(old, new - priced, before, now)] += new - priced - old
    return effects


def _movement(old: Decimal, new: Decimal, before: Side, now: Side) -> str:
    if _same_price(old, new, before, now):
        return "calendar"
    return "expansion" if new >= old else "contraction"


def _same_price(old: Decimal, new: Decimal, before: Side, now: Side) -> bool:
    """Whether the price per day, or per month, is the same to two cents."""
    per_day = abs(new * before.days - old * now.days)
    parts = (before.days * now.month_days, now.days * before.month_days)
    per_month = abs(new * parts[0] - old * parts[1])
    return per_day <= _CENT * max(before.days, now.days) or per_month <= _CENT * max(parts)


def _cost_steps(
    before: Mapping[Sku, Use], now: Mapping[Sku, Use], repriced: Collection[Sku]
) -> list[Decimal]:
    """Return the cost before, then with today's volume, mix, efficiency and price."""
    start = sum((use.cost for use in before.values()), ZERO)
    end = sum((use.cost for use in now.values()), ZERO)
    calls_before = sum(use.calls for use in before.values())
    calls_now = sum(use.calls for use in now.values())
    volume = divide(start * calls_now, Decimal(calls_before), _DIGITS)
    if volume is None or not now:
        return [start, end, end, end, end]
    mix = sum((_at_old_calls(before.get(sku), use) for sku, use in now.items()), ZERO)
    efficiency = sum(
        (
            _at_old_price(before.get(sku), use) if sku in repriced else use.cost
            for sku, use in now.items()
        ),
        ZERO,
    )
    return [start, volume, mix, efficiency, end]


def _at_old_calls(before: Use | None, now: Use) -> Decimal:
    """Cost of today's calls at the cost per call before; a model new since counts as mix."""
    if before is None:
        return now.cost
    found = divide(before.cost * now.calls, Decimal(before.calls), _DIGITS)
    return now.cost if found is None else found


def _at_old_price(before: Use | None, now: Use) -> Decimal:
    if before is None:
        return now.cost
    found = divide(before.cost * now.tokens, Decimal(before.tokens), _DIGITS)
    return now.cost if found is None else found


def bridge_table(effects: Mapping[str, Decimal], *, start: str, end: str, margin: Decimal) -> Table:
    """Lay the effects out between the two margins."""
    change = sum(effects.values(), ZERO)
    rows = [
        Row(
            {"name": f"AI margin, {start}", "effect": margin, "how": "revenue − cost of revenue"},
            kind="money",
        )
    ]
    for side, named in EFFECTS.items():
        rows += [
            Row({"name": label, "side": side, "effect": effects[key], "how": how, "key": key})
            for key, (label, how) in named.items()
            if effects[key]
        ]
    columns = (
        Column("name", "Effect"),
        Column("side", "On"),
        Column("effect", "AI margin", "signed_money", adds=True),
        Column("how", "How it is counted"),
    )
    total = Row({"name": f"AI margin, {end}", "effect": margin + change}, kind="money")
    return Table(columns, rows, total, caption="What moved the margin", name="bridge")
