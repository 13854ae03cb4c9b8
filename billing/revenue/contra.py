"""Contra-revenue: what was refunded or disputed, as far as no credit note covers it."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, Sum

from billing.models import Invoice, InvoiceLine, PaymentEvent
from billing.revenue.rules import BILLED, CONTRA, COUNTING, Stream, on_day
from tknops.calendar import Period
from tknops.money import cumulative_share

_KIND = PaymentEvent.Kind
_LINE = InvoiceLine.Kind


@dataclass(frozen=True, slots=True)
class Contra:
    """Contra-revenue of a day: below 0, above where a dispute was won; its note is missing."""

    stream: Stream
    what: str
    reference: str
    known: bool


@dataclass(slots=True)
class _Group:
    """What happened to one invoice: facts in order, its net amount, the notes for it."""

    known: bool = False
    counts: bool = True
    net: int = 0
    noted: int = 0
    paid: int = 0
    plan: str | None = None
    facts: list["_Fact"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Fact:
    day: Any
    what: str
    reference: str
    billing_customer_id: int
    customer_id: int | None
    currency: str
    amount: int
    is_line: bool
    invoice_id: int | None = None


def contra(whole: Period) -> list[Contra]:
    """Return the contra-revenue of some days, by date.

    Per invoice: the refunds and disputes so far, less those won, as far as they are above the
    credit notes for it. What billing lines and payment records both tell counts once. A refund of
    cash holds the tax of its invoice: where payments are above the net amount, it counts by the
    share that is net; never more than was billed.
    """
    groups = _groups(list(_facts(whole)))
    found = [one for group in groups if group.counts for one in _of_group(group)]
    inside = [one for one in found if whole.start <= one.stream.service.start < whole.end]
    return sorted(inside, key=lambda one: (one.stream.service.start, one.reference))


def _of_group(group: _Group) -> Iterator[Contra]:
    lines = cash = before = 0
    for fact in sorted(group.facts, key=lambda fact: (fact.day, not fact.is_line, fact.amount < 0)):
        if fact.is_line:
            lines += fact.amount
        else:
            cash = max(cash + fact.amount, 0)
        total = max(lines, _net_of(cash, group))
        if group.known and not lines:
            total = min(total, max(group.net, 0))
        now = max(total - group.noted, 0)
        if change := now - before:
            stream = Stream(
                fact.billing_customer_id, fact.customer_id, group.plan, fact.currency, -change,
                on_day(fact.day), CONTRA, fact.day, None, fact.invoice_id,
            )  # fmt: skip
            yield Contra(stream, fact.what, fact.reference, group.known)
        before = now


def _net_of(cash: int, group: _Group) -> int:
    if group.known and group.paid > group.net > 0:
        return cumulative_share(cash, group.net, group.paid)
    return cash


def _facts(whole: Period) -> Iterator[_Fact]:
    """Read refunds and disputes up to the end of the days. Uses index: billing_payment_occurred."""
    lines = InvoiceLine.objects.filter(
        kind=_LINE.REFUND, invoice__invoice_date__lt=whole.end, invoice__status__in=BILLED
    )
    for day, name, credited, billed, customer, currency, amount, invoice in lines.order_by(
        "pk"
    ).values_list(
        "invoice__invoice_date", "invoice__external_id", "invoice__credits__external_id",
        "invoice__billing_customer_id", "invoice__billing_customer__customer_id",
        "invoice__currency", "amount_minor", "invoice__credits_id",
    ):  # fmt: skip
        yield _Fact(
            day, f"refund line of {name}", credited or "", billed, customer, currency, -amount,
            True, invoice,
        )  # fmt: skip
    events = PaymentEvent.objects.filter(occurred_on__lt=whole.end).exclude(kind=_KIND.PAYMENT)
    found = list(
        events.order_by("occurred_on", "pk").values_list(
            "occurred_on", "kind", "external_id", "invoice_reference", "billing_customer_id",
            "billing_customer__customer_id", "currency", "amount_minor",
        )
    )  # fmt: skip
    invoices = _named({reference for _, _, _, reference, *_ in found})
    for day, kind, name, reference, billed, customer, currency, amount in found:
        yield _Fact(
            day, f"{_KIND(kind).label} {name}", reference, billed, customer, currency,
            -amount if kind == _KIND.DISPUTE_WON else amount, False,
            invoices.get((reference, billed, currency)),
        )  # fmt: skip


def _named(references: set[str]) -> dict[tuple[str, int, str], int]:
    """Find the invoices payments name, by id or number, of the same customer and currency."""
    wanted = references - {""}
    if not wanted:
        return {}
    rows = Invoice.objects.filter(Q(external_id__in=wanted) | Q(number__in=wanted))
    found: dict[tuple[str, int, str], int] = {}
    for pk, external_id, number, customer, currency in rows.order_by("pk").values_list(
        "pk", "external_id", "number", "billing_customer_id", "currency"
    ):
        found.setdefault((number, customer, currency), pk)
        found[external_id, customer, currency] = pk
    return found


def _groups(facts: Collection[_Fact]) -> list[_Group]:
    by_key: dict[Any, _Group] = defaultdict(_Group)
    invoices = {fact.invoice_id for fact in facts if fact.invoice_id}
    for n, fact in enumerate(facts):
        named = (fact.reference, fact.billing_customer_id) if fact.reference else n
        by_key[fact.invoice_id or ("unknown", named, fact.currency)].facts.append(fact)
    for key, group in by_key.items():
        group.known = key in invoices
    if invoices:
        _complete(by_key, invoices)
    return list(by_key.values())


def _complete(groups: dict[Any, _Group], invoices: Collection[int]) -> None:
    """Add what the invoices were for, the notes for them and what was paid."""
    names: dict[tuple[str, int, str], int] = {}
    for pk, external_id, number, customer, currency, status in Invoice.objects.filter(
        pk__in=invoices
    ).values_list("pk", "external_id", "number", "billing_customer_id", "currency", "status"):
        groups[pk].counts = status in COUNTING
        names |= {(name, customer, currency): pk for name in (external_id, number) if name}
    plans: dict[int, set[str | None]] = defaultdict(set)
    lines = InvoiceLine.objects.filter(invoice_id__in=invoices).exclude(kind=_LINE.REFUND)
    for pk, plan, sub_plan, amount in lines.values_list(
        "invoice_id", "plan__code", "subscription__plan__code", "amount_minor"
    ):
        groups[pk].net += amount
        plans[pk].add(plan or sub_plan)
    for pk, some in plans.items():
        groups[pk].plan = next(iter(some)) if len(some) == 1 else None
    notes = InvoiceLine.objects.filter(
        kind=_LINE.CREDIT, invoice__credits_id__in=invoices, invoice__status__in=BILLED
    ).values("invoice__credits_id")
    for row in notes.annotate(sum=Sum("amount_minor")):
        groups[row["invoice__credits_id"]].noted = -row["sum"]
    payments = PaymentEvent.objects.filter(
        kind=_KIND.PAYMENT, invoice_reference__in={name for name, _, _ in names}
    ).values_list("invoice_reference", "billing_customer_id", "currency", "amount_minor")
    for reference, customer, currency, amount in payments:
        if (invoice := names.get((reference, customer, currency))) is not None:
            groups[invoice].paid += amount
