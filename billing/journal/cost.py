"""Entries of cost: what was used and not billed yet, by provider, and true-ups of bills."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from billing.journal.chart import Chart
from billing.journal.entry import Entry, credit, debit, in_minor_units, last_day, reference
from billing.margin import MarginReport
from billing.models import Posting, TrueUp
from tknops.calendar import Period
from usage.models import CostClass

_CLASSES = {
    CostClass.COGS: Posting.AI_COST,
    CostClass.OPEX: Posting.AI_EXPENSE,
    CostClass.INTERNAL: Posting.AI_INTERNAL,
}


def accruals(used: MarginReport, chart: Chart) -> Iterator[Entry]:
    """Yield an entry per provider from the cost by provider and cost class of a month."""
    by_provider: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in used.rows:
        if row.cost:
            by_provider[row.key[0]][row.key[1]] = row.cost
    for provider, costs in sorted(by_provider.items()):
        parts = in_minor_units([costs.get(name, Decimal(0)) for name in _CLASSES], used.currency)
        lines = [
            debit(chart.account(posting, provider), minor, name.label)
            for (name, posting), minor in zip(_CLASSES.items(), parts, strict=True)
            if minor
        ]
        if lines:
            owed = credit(chart.account(Posting.ACCRUED, provider), sum(parts), provider)
            yield Entry(
                reference=reference(used.period, "AI", provider),
                date=last_day(used.period),
                text=f"AI cost at {provider}",
                currency=used.currency,
                lines=[*lines, owed],
            )


def true_ups(period: Period, chart: Chart) -> Iterator[Entry]:
    """Yield an entry per true-up borne by the month."""
    made = TrueUp.objects.filter(posted_month=period.start, undone_at=None)
    for row in made.order_by("provider_code", "month", "pk"):
        provider, minor = row.provider_code, row.amount_minor
        yield Entry(
            reference=reference(period, "TRUE-UP", f"{provider}-{row.pk}"),
            date=last_day(period),
            text=f"True-up of {provider}, bill of {row.month:%B %Y}",
            currency=row.currency,
            lines=[
                debit(chart.account(Posting.TRUE_UP, provider), minor, row.reason),
                credit(chart.account(Posting.ACCRUED, provider), minor, provider),
            ],
        )
