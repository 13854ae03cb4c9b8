"""What recurs: subscriptions; and, of accounts without any, the recurring lines of invoices.

A subscription counts from its first paid day to before its end at its price, ex tax and after
recurring discounts, as the biller states it, normalised to a year: a price of months by those
months, one of days or weeks by days of 365. A trial brings nothing, nor do the days of a dated
pause; one that its biller calls paused, or that was never begun, only counts on the days its
invoices cover. An account that has no subscription at all counts by its recurring invoice lines on
the days of their service: a line of whole months by those months, any other by days of 365.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from billing.models import BillingCustomer, InvoiceLine, Subscription, SubscriptionPause
from billing.revenue.cycles import YEAR, YEAR_DAYS, cycle_of
from billing.revenue.rules import COUNTING
from billing.revenue.spans import uncovered
from tknops.calendar import Period, add_months
from tknops.money import minor_digits

# Statuses of billers for a subscription that charges nothing at present.
HELD = frozenset(("paused", "incomplete", "incomplete_expired"))


@dataclass(frozen=True, slots=True)
class Account:
    """Whose it is: the customer, or what the biller calls one that is not matched yet."""

    key: str
    name: str
    matched: bool


@dataclass(frozen=True, slots=True)
class Contract:
    """Money a year, in its currency, on [start, end)."""

    account: Account
    plan: str
    reference: str
    currency: str
    yearly: Fraction
    start: dt.date
    end: dt.date

    def runs_on(self, day: dt.date) -> bool:
        """Whether it brings something on a day."""
        return self.start <= day < self.end


def contracts() -> list[Contract]:
    """Read all there ever were."""
    subscriptions = Subscription.objects.select_related("billing_customer__customer", "plan")
    subscribed = list(subscriptions.order_by("pk"))
    covered = _covered([one.pk for one in subscribed if one.status.lower() in HELD])
    paused = _paused()
    found = [part for one in subscribed for part in _of(one, covered, paused)]
    keys = {_account(one.billing_customer).key for one in subscribed}
    for line in _lines():
        account = _account(line.invoice.billing_customer)
        if account.key not in keys:
            found.append(_billed(line, account))
    return found


def _of(
    one: Subscription, covered: dict[int, list[Period]], paused: dict[int, list[Period]]
) -> Iterator[Contract]:
    start = max(one.start_date, one.trial_end_date or dt.date.min)
    whole = Period(start, one.end_date or dt.date.max)
    held = one.status.lower() in HELD
    for days in covered.get(one.pk, []) if held else [whole]:
        within = Period(max(days.start, whole.start), min(days.end, whole.end))
        running = uncovered(within, paused.get(one.pk, ())) if one.price else []
        for part in running:
            yield Contract(
                account=_account(one.billing_customer),
                plan=one.plan.code,
                reference=one.external_id,
                currency=one.currency,
                yearly=Fraction(one.price) * cycle_of(one).per_year,
                start=part.start,
                end=part.end,
            )


def _paused() -> dict[int, list[Period]]:
    found: dict[int, list[Period]] = defaultdict(list)
    for pause in SubscriptionPause.objects.order_by("valid_from"):
        days = Period(pause.valid_from, pause.valid_to or dt.date.max)
        found[pause.subscription_id].append(days)
    return found


def _covered(held: list[int]) -> dict[int, list[Period]]:
    """Return the days invoices cover of subscriptions that are held."""
    found: dict[int, list[Period]] = defaultdict(list)
    if held:
        rows = InvoiceLine.objects.filter(
            subscription__in=held,
            kind=InvoiceLine.Kind.RECURRING,
            amount_minor__gt=0,
            invoice__status__in=COUNTING,
        ).order_by("service_start", "pk")
        for pk, start, end in rows.values_list("subscription_id", "service_start", "service_end"):
            before = found[pk][-1].end if found[pk] else start
            if max(start, before) < end:  # a day counts once, whatever covers it
                found[pk].append(Period(max(start, before), end))
    return found


def _lines() -> Iterator[InvoiceLine]:
    rows = InvoiceLine.objects.filter(
        kind=InvoiceLine.Kind.RECURRING,
        subscription=None,
        amount_minor__gt=0,
        invoice__status__in=COUNTING,
    ).exclude(invoice__billing_customer__in=Subscription.objects.values("billing_customer"))
    yield from rows.select_related("invoice__billing_customer__customer", "plan").order_by("pk")


def _billed(line: InvoiceLine, account: Account) -> Contract:
    invoice = line.invoice
    amount = Fraction(Decimal(line.amount_minor).scaleb(-minor_digits(invoice.currency)))
    return Contract(
        account=account,
        plan=line.plan.code if line.plan else "",
        reference=str(invoice),
        currency=invoice.currency,
        yearly=amount * per_year(Period(line.service_start, line.service_end)),
        start=line.service_start,
        end=line.service_end,
    )


def per_year(service: Period) -> Fraction:
    """Say how often a service period fits into a year: by whole months, else by days."""
    months = (service.end.year - service.start.year) * 12 + service.end.month - service.start.month
    if months > 0 and add_months(service.start, months) == service.end:
        return Fraction(YEAR, months)
    return Fraction(YEAR_DAYS, service.days)


def _account(billed: BillingCustomer) -> Account:
    if billed.customer is None:
        name = billed.name or billed.external_id
        return Account(f"billing:{billed.external_id}", name, matched=False)
    return Account(billed.customer.external_id, billed.customer.name, matched=True)
