"""The margin bridge: what moved the AI margin from one period to the other, summing exactly."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from billing.reports.rows import ZERO
from billing.reports.table import Column, Row, Table
from tknops.money import EXACT, divide

_DIGITS = 12
_CENT = Decimal("0.02")
Sku = tuple[str, ...]

REVENUE_EFFECTS = {
    "new": ("New customers", "revenue of customers without revenue the period before"),
    "expansion": ("Expansion", "increase of customers with revenue in both periods"),
    "contraction": ("Contraction", "decrease of customers with revenue in both periods"),
    "churned": ("Churned customers", "revenue of customers that have none any more"),
    "calendar": ("Days in the period", "same price, more or fewer days it is spread over"),
    "credits": ("Credits and refunds", "change of credit notes and refunds recognised"),
}
COST_EFFECTS = {
    "volume": ("Volume", "change of calls × cost per call before"),
    "mix": ("Model mix", "calls now, each model at its own cost per call before"),
    "efficiency": ("Efficiency", "tokens per call, share of cache and output, at prices before"),
    "price": ("Provider price", "tokens now × change of price, of models whose price changed"),
    "unattributed": ("Unattributed cost", "change of cost without a customer"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One period: revenue and credits by customer; calls, tokens and cost by model.

    `month_days` are those of the whole month a running period is part of.
    """

    days: int
    month_days: int
    revenue: Mapping[str, Decimal]
    credits: Mapping[str, Decimal]
    models: Mapping[Sku, "Use"]
    unattributed: Decimal = ZERO

    @property
    def margin(self) -> Decimal:
        """Revenue less all priced cost."""
        cost = sum((use.cost for use in self.models.values()), self.unattributed)
        return sum(self.revenue.values(), ZERO) - cost


@dataclass(frozen=True, slots=True)
class Use:
    """What a model was used for: calls, tokens and their cost."""

    calls: int
    tokens: int
    cost: Decimal


def bridge(before: Side, now: Side, *, repriced: Collection[Sku]) -> dict[str, Decimal]:
    """Split the change of the margin into effects on it; they sum to it exactly.

    Revenue is split by customer. Cost moves step by step (volume, mix, efficiency, price), each
    step the difference of two totals, so that what a rounded total lacks is in the next step.
    """
    with localcontext(EXACT):
        effects = _revenue_effects(before, now)
        steps = _cost_steps(before.models, now.models, repriced)
        names = ("volume", "mix", "efficiency", "price")
        for name, left, right in zip(names, steps, steps[1:], strict=False):
            effects[name] = left - right
        effects["unattributed"] = before.unattributed - now.unattributed
    return effects


def _revenue_effects(before: Side, now: Side) -> dict[str, Decimal]:
    effects = dict.fromkeys(REVENUE_EFFECTS, ZERO)
    for customer in before.revenue.keys() | now.revenue.keys():
        credited = now.credits.get(customer, ZERO) - before.credits.get(customer, ZERO)
        effects["credits"] += credited
        old = before.revenue.get(customer, ZERO) - before.credits.get(customer, ZERO)
        new = now.revenue.get(customer, ZERO) - now.credits.get(customer, ZERO)
        effects[_movement(old, new, before, now)] += new - old
    return effects


def _movement(old: Decimal, new: Decimal, before: Side, now: Side) -> str:
    if not old:
        return "new"
    if not new:
        return "churned"
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
    for side, named in (("revenue", REVENUE_EFFECTS), ("cost of revenue", COST_EFFECTS)):
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
