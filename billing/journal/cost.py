"""Entries of cost: what was used and not billed yet, by provider, and true-ups of bills."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from django.conf import settings

from billing.journal.chart import Chart
from billing.journal.entry import (
    USAGE,
    Entry,
    credit,
    debit,
    in_minor_units,
    last_day,
    reference,
)
from billing.models import Posting, TrueUp
from tknops.calendar import Period
from usage.models import CostClass

_CLASSES = {
    CostClass.COGS: Posting.AI_COST,
    CostClass.OPEX: Posting.AI_EXPENSE,
    CostClass.INTERNAL: Posting.AI_INTERNAL,
}
# By provider and cost class.
Costs = Mapping[tuple[str, ...], Decimal]


def accruals(costs: Costs, period: Period, chart: Chart) -> Iterator[Entry]:
    """Yield an entry per provider from exact cost of a month by provider and cost class."""
    currency = settings.REPORTING_CURRENCY
    for provider in sorted({provider for provider, _ in costs}):
        exact = [costs.get((provider, name), Decimal(0)) for name in _CLASSES]
        parts = in_minor_units(exact, currency)
        lines = [
            debit(chart.account(posting, provider), minor, name.label)
            for (name, posting), minor in zip(_CLASSES.items(), parts, strict=True)
            if minor
        ]
        if lines:
            owed = credit(chart.account(Posting.ACCRUED, provider), sum(parts), provider)
            yield Entry(
                reference=reference(period, USAGE, provider),
                date=last_day(period),
                text=f"AI cost at {provider}",
                currency=currency,
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
