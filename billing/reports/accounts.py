"""What is known about an account beside its figures: renewal, owner, latest decision, data."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from billing.models import Decision, Subscription
from billing.revenue.cycles import cycle_of
from customers.models import Customer
from tknops.calendar import add_months

# A term of months is counted on at most so far.
_TERMS = 12 * 200


@dataclass(frozen=True, slots=True)
class Account:
    """Facts of a customer by its external id."""

    pk: int
    owner: str = ""
    renews: str = ""
    decision: Decision | None = None


def accounts(*, today: dt.date, only: Iterable[str] | None = None) -> dict[str, Account]:
    """Gather the facts of all customers, or of some, in three queries."""
    found = Customer.objects.all()
    if only is not None:
        found = found.filter(external_id__in=list(only))
    rows = list(found.values_list("pk", "external_id", "owner"))
    renewals = _renewals({pk for pk, _, _ in rows}, today)
    decisions = latest_decisions()
    return {
        key: Account(pk, owner, renewals.get(pk, ""), decisions.get(pk)) for pk, key, owner in rows
    }


def latest_decisions() -> dict[int, Decision]:
    """Return each customer's newest decision."""
    newest = Decision.objects.exclude(customer=None).order_by("decision_date", "pk")
    return {decision.customer_id: decision for decision in newest if decision.customer_id}


def _renewals(customers: set[int], today: dt.date) -> dict[int, str]:
    """Say when the nearest term of each customer ends, or that it ends for good."""
    running = Subscription.objects.filter(start_date__lte=today).exclude(end_date__lte=today)
    soonest: dict[int, tuple[dt.date, str]] = {}
    for subscription in running.select_related("billing_customer").order_by("pk"):
        customer = subscription.billing_customer.customer_id
        if customer is None or customer not in customers:
            continue
        day = subscription.end_date or renewal(subscription, today)
        text = f"ends {day}" if subscription.end_date else str(day)
        soonest[customer] = min(soonest.get(customer, (day, text)), (day, text))
    return {customer: text for customer, (_, text) in soonest.items()}


def renewal(subscription: Subscription, today: dt.date) -> dt.date:
    """Return the stated day of renewal, or the next end of a term counted from the start."""
    if subscription.renews_date and subscription.renews_date >= today:
        return subscription.renews_date
    start, cycle = subscription.start_date, cycle_of(subscription)
    if not cycle.months:
        terms = (today - start).days // cycle.days + 1
        return start + dt.timedelta(days=terms * cycle.days)
    months = cycle.months
    passed = (today.year - start.year) * 12 + today.month - start.month
    terms = max(1, min(passed // months, _TERMS))
    day = add_months(start, terms * months)
    return day if day > today else add_months(start, (terms + 1) * months)
