"""The accounts of plans in a period: paying, on trial or free, with what they pay and cost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.margin import MarginReport, MarginRow
from billing.reports.rows import SPECIAL, ZERO, name
from billing.revenue import TRIAL
from usage.tokens import TOKENS

PAYING, ON_TRIAL, FREE = "paying", "trial", "free"
# Which terms a customer is on with a plan in a period, by plan and customer.
TermsOf = Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class PlanAccount:
    """A customer on a plan; `cost` is the cost of revenue, or the fully loaded one.

    Tokens and calls are those of the cost of revenue that have a price.
    """

    plan: str
    customer: str
    name: str
    kind: str
    revenue: Decimal | None = None
    cost: Decimal | None = None
    margin: Decimal | None = None
    margin_pct: Decimal | None = None
    tokens: int = 0
    calls: int = 0
    row: MarginRow | None = None


def plan_accounts(
    report: MarginReport,
    *,
    usage: MarginReport | None = None,
    terms: TermsOf,
    loaded: bool = False,
    unused: bool = True,
) -> list[PlanAccount]:
    """List the accounts of a report by plan × customer, and those of `terms` that have no row.

    `usage` is the same question about calls of class COGS only. An account with revenue above 0 is
    paying; one without is on trial if it is on some day of the period, else free.
    """
    places = [report.by.index("plan"), report.by.index("customer")]
    used = {(r.key[0], r.key[1]): r for r in usage.rows} if usage else {}
    found = []
    seen = set()
    for row in report.rows:
        plan, customer = (row.key[place] for place in places)
        if customer in SPECIAL:
            continue
        seen.add((plan, customer))
        on = terms.get((plan, customer), frozenset())
        found.append(_account(report, plan, customer, row, used.get((plan, customer)), on, loaded))
    without = [
        PlanAccount(
            plan, customer, name(report, "customer", customer), _kind(None, on), ZERO, ZERO, ZERO
        )
        for (plan, customer), on in sorted(terms.items())
        if unused and (plan, customer) not in seen
    ]
    return [*found, *without]


def _account(
    report: MarginReport,
    plan: str,
    customer: str,
    row: MarginRow,
    used: MarginRow | None,
    terms: frozenset[str],
    loaded: bool,  # noqa: FBT001 - private
) -> PlanAccount:
    return PlanAccount(
        plan=plan,
        customer=customer,
        name=name(report, "customer", customer),
        kind=_kind(row.revenue, terms),
        revenue=row.revenue,
        cost=row.fully_loaded_cost if loaded else row.cost_of_revenue,
        margin=row.loaded_margin if loaded else row.margin,
        margin_pct=row.loaded_margin_pct if loaded else row.margin_pct,
        tokens=priced_tokens(used) if used else 0,
        calls=used.events if used else 0,
        row=row,
    )


def _kind(revenue: Decimal | None, terms: frozenset[str]) -> str:
    if revenue and revenue > 0:
        return PAYING
    return ON_TRIAL if TRIAL in terms else FREE


def priced_tokens(row: MarginRow) -> int:
    """Count the tokens that have a price."""
    return sum(row.tokens[token] for token in TOKENS) - row.unpriced_tokens


def paying(accounts: Iterable[PlanAccount]) -> list[PlanAccount]:
    """Keep the paying accounts."""
    return [one for one in accounts if one.kind == PAYING]


def counted(accounts: Sequence[PlanAccount]) -> dict[str, int]:
    """Count the accounts of each kind."""
    return {kind: sum(one.kind == kind for one in accounts) for kind in (PAYING, ON_TRIAL, FREE)}


def costs_of(accounts: Iterable[PlanAccount]) -> list[Decimal]:
    """List the costs that are known, in ascending order.

    An account without any price has no cost: to count it as free would lower a price.
    """
    return sorted(one.cost for one in accounts if one.cost is not None)
