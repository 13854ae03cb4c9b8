"""Random customers, plans, subscriptions, invoices and what happened to their money."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from billing.models import (
    BillingCustomer,
    Invoice,
    InvoiceLine,
    InvoiceSplit,
    PaymentEvent,
    Plan,
    PlanPrice,
    RecognitionPolicy,
    Subscription,
    SubscriptionPause,
)
from billing.revenue.rules import BILLED
from customers.models import Customer
from drills.ties.chance import CURRENCIES, FIRST, LAST, Chance
from drills.ties.load import analyze, load
from tknops.calendar import add_months

PLANS = 12
# Plans whose one-off lines are earned over so many months.
_TERMS = {3: 5, 4: 12}
_PER_CUSTOMER = 25
_STATUS = ("PAID",) * 8 + ("OPEN", "OPEN", "DRAFT", "VOID", "UNCOLLECTIBLE")
_KINDS = ("RECURRING",) * 6 + ("USAGE", "USAGE", "ONE_TIME", "ONE_TIME")
_DAY = dt.timedelta(1)
_UNTIL = add_months(FIRST, 60)


@dataclass(slots=True)
class Rows:
    """Rows by table; `billed`: what each invoice that counts was billed, refunds left out."""

    customers: int
    subscribed: dict[int, list[int]] = field(default_factory=dict)
    invoices: list[tuple] = field(default_factory=list)
    lines: list[tuple] = field(default_factory=list)
    payments: list[tuple] = field(default_factory=list)
    billed: dict[int, int] = field(default_factory=dict)


def set_up() -> None:
    """Write the plans, how their one-off lines are earned and how lines without one are split."""
    now = dt.datetime.now(dt.UTC)
    load(Plan, ("id", "code", "name"), ((n, f"p{n}", f"Plan {n}") for n in range(1, PLANS + 1)))
    load(
        PlanPrice, ("id", "plan_id", "price", "currency"),
        ((n, n, Decimal(n * 7), CURRENCIES[n % 3]) for n in range(1, PLANS)),
    )  # fmt: skip
    load(
        RecognitionPolicy, ("id", "plan_id", "one_off_months", "reason"),
        ((n, plan, months, "drill") for n, (plan, months) in enumerate(_TERMS.items(), 1)),
    )  # fmt: skip
    first, second = add_months(FIRST, 12), add_months(FIRST, 30)
    load(
        InvoiceSplit, ("id", "method", "valid_from", "valid_to", "reason"),
        ((1, "LIST_PRICE", first, second, "drill"), (2, "EVENLY", second, None, "drill")),
    )  # fmt: skip
    load(
        Customer, ("id", "external_id", "name", "created_at"),
        ((n, f"c{n}", f"Customer {n}", now) for n in range(1, 1_001)),
    )  # fmt: skip


def write(chance: Chance, lines: int) -> Rows:
    """Write so many random lines with all they hang on."""
    made = Rows(customers=lines // _PER_CUSTOMER + 1)
    load(
        BillingCustomer, ("id", "external_id", "customer_id"),
        (
            (n, f"b{n}", None if chance.one_in(4) else chance.randrange(1, 1_001))
            for n in range(1, made.customers + 1)
        ),
    )  # fmt: skip
    _subscriptions(made, chance)
    while len(made.lines) < lines:
        _document(made, chance, lines - len(made.lines))
    load(
        Invoice,
        ("id", "external_id", "billing_customer_id", "invoice_date", "currency", "status",
         "credits_id"),
        made.invoices,
    )  # fmt: skip
    load(
        InvoiceLine,
        ("id", "invoice_id", "line_id", "plan_id", "subscription_id", "kind", "amount_minor",
         "service_start", "service_end"),
        made.lines,
    )  # fmt: skip
    load(
        PaymentEvent,
        ("id", "external_id", "billing_customer_id", "kind", "invoice_reference", "occurred_on",
         "currency", "amount_minor"),
        made.payments,
    )  # fmt: skip
    analyze()
    return made


def _subscriptions(made: Rows, chance: Chance) -> None:
    rows, pauses = [], []
    for customer in range(1, made.customers + 1, 3):
        for _ in range(chance.choice((1, 1, 2))):
            pk, start = len(rows) + 1, chance.day()
            end = start + dt.timedelta(chance.days()) if chance.one_in(2) else None
            trial = start + dt.timedelta(chance.randrange(40)) if chance.one_in(4) else None
            price = Decimal(0) if chance.one_in(8) else chance.exact(6, 4)
            made.subscribed.setdefault(customer, []).append(pk)
            rows.append(
                (pk, f"s{pk}", customer, chance.randrange(1, PLANS + 1), price,
                 chance.choice(CURRENCIES), chance.choice(("DAY", "WEEK", "MONTH", "YEAR")),
                 chance.choice((1, 1, 1, 2, 3, 7)), start, trial, end,
                 chance.choice(("active",) * 6 + ("paused", "incomplete", "canceled")))
            )  # fmt: skip
            if chance.one_in(8):
                pauses.append((len(pauses) + 1, pk, start + 20 * _DAY, start + 65 * _DAY))
    load(
        Subscription,
        ("id", "external_id", "billing_customer_id", "plan_id", "price", "currency", "interval",
         "interval_count", "start_date", "trial_end_date", "end_date", "status"),
        rows,
    )  # fmt: skip
    load(SubscriptionPause, ("id", "subscription_id", "valid_from", "valid_to"), pauses)


def _document(made: Rows, chance: Chance, room: int) -> None:
    """Add an invoice, a credit note or a refund, of one to four lines."""
    pk = len(made.invoices) + 1
    kind = chance.choice(("",) * 12 + ("CREDIT", "CREDIT", "REFUND"))
    earlier = chance.choice(made.invoices) if kind and made.invoices else None
    if earlier and chance.one_in(5):
        earlier = None
    customer = earlier[2] if earlier else chance.randrange(1, made.customers + 1)
    # An account is billed in its own currency, now and then in another.
    own = CURRENCIES[customer % len(CURRENCIES)]
    currency = chance.choice(CURRENCIES) if chance.one_in(10) else own
    currency = earlier[4] if earlier else currency
    status = chance.choice(_STATUS)
    first = _within(earlier[3]) if earlier else chance.day()
    issued, total = first, 0
    for number in range(1, min(chance.choice((1, 1, 1, 1, 2, 4)), room) + 1):
        start, days = first, chance.days()
        if not kind and chance.one_in(3):
            start = chance.day()
        if number == 1:
            issued = start + dt.timedelta(chance.randrange(-40, days + 40))
            # A note is earned from its issue on: all of that is to be seen.
            issued = _within(issued) if kind else issued
        amount = chance.minor()
        amount = -abs(amount) if kind and not chance.one_in(20) else amount
        total += amount
        made.lines.append(
            (len(made.lines) + 1, pk, str(number), *_of_what(made, chance, customer),
             kind or chance.choice(_KINDS), amount, start, min(start + dt.timedelta(days), LAST))
        )  # fmt: skip
    made.invoices.append(
        (pk, f"i{pk}", customer, issued, currency, status, earlier[0] if earlier else None)
    )
    if status in BILLED and kind != "REFUND":
        made.billed[pk] = total
    if chance.one_in(25):
        _payments(made, chance, made.invoices[-1], total)


def _within(day: dt.date) -> dt.date:
    return min(max(day, FIRST), LAST - _DAY)


def _of_what(made: Rows, chance: Chance, customer: int) -> tuple[int | None, int | None]:
    """Name a plan, a subscription, or neither."""
    mine = made.subscribed.get(customer)
    if mine and chance.one_in(2):
        return None, chance.choice(mine)
    return (None if chance.one_in(4) else chance.randrange(1, PLANS + 1)), None


def _payments(made: Rows, chance: Chance, invoice: tuple, total: int) -> None:
    """Pay an invoice, refund or dispute some of it, or of one that is not here."""
    _, reference, customer, issued, currency, *_ = invoice
    day = issued
    for kind in ("PAYMENT", chance.choice(("REFUND", "DISPUTE")), "DISPUTE_WON"):
        if kind == "DISPUTE_WON" and not chance.one_in(3):
            continue
        day += dt.timedelta(chance.randrange(90))
        amount = chance.randrange(1, abs(total) + 2)
        pk = len(made.payments) + 1
        named = reference if not chance.one_in(6) else f"unknown-{pk}"
        made.payments.append((pk, f"pay{pk}", customer, kind, named, min(day, _UNTIL), currency,
                              amount))  # fmt: skip
