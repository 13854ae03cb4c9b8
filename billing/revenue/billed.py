"""Billed lines as streams of earning: read, split over plans where none is named, by the rules."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q, QuerySet

from billing.models import Invoice, InvoiceLine
from billing.revenue.policies import Policies
from billing.revenue.rules import (
    BAD_DEBT,
    BILLED,
    CREDIT,
    Billed,
    Stream,
    credited_over,
    earned_over,
    rate_day,
    stream_of,
)
from billing.revenue.splitting import split
from tknops.calendar import Period

_KIND = InvoiceLine.Kind
_LOWERING = (_KIND.CREDIT, _KIND.REFUND)
_FIELDS = (
    "invoice__billing_customer_id", "invoice__billing_customer__customer_id", "plan__code",
    "plan_id", "subscription__plan__code", "subscription__plan_id", "subscription_id",
    "invoice__currency", "amount_minor", "service_start", "service_end", "kind",
    "invoice__invoice_date", "invoice__status", "invoice_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lines:
    """What was billed: streams of lines and credit notes, purchases of credits, covered days.

    `purchases`: lines and notes of prepaid plans, which usage earns. `recurring`: lines whose days
    have no contracted price beside them.
    """

    streams: list[Stream]
    purchases: list[tuple[Billed, int | None]]
    recurring: list[Billed]


def billed_lines(
    whole: Period, policies: Policies, *, issued: bool = False, account: int | None = None
) -> Lines:
    """Read the lines earned on some of the days, of all billing customers or one.

    With `issued` also those invoiced on them.
    """
    found = Lines([], [], [])
    for line in _with_plan(
        _read(_touching(whole, policies, issued=issued), account), whole, policies
    ):
        if line.kind == _KIND.RECURRING:
            found.recurring.append(line)
        prepaid = policies.prepaid_on(line.plan_id, line.issued)
        # Usage and parts of a line without a plan buy no credits.
        if not prepaid or line.kind == _KIND.USAGE or line.method:
            found.streams.append(stream_of(line, policies.term(line.plan_id, line.issued)))
    if policies.prepaid:
        lines = InvoiceLine.objects.exclude(kind__in=[*_LOWERING, _KIND.USAGE])
        bought = lines.filter(_of_plans(policies.prepaid), invoice__invoice_date__lt=whole.end)
        found.purchases.extend(
            (line, None)
            for line in _read(bought, account)
            if policies.prepaid_on(line.plan_id, line.issued)
        )
    bought_by = {line.invoice_id for line, _ in found.purchases}
    for note, stream, credited in _notes(whole, policies, account) if policies.has_notes else ():
        if credited in bought_by:
            found.purchases.append((note, credited))
        elif stream.service.end > whole.start or (issued and note.issued >= whole.start):
            found.streams.append(stream)
    return found


def credit_notes(whole: Period) -> list[Stream]:
    """Return what credit notes take from revenue; those for prepaid credits lower what is left."""
    policies = Policies()
    return [
        stream
        for note, stream, _ in _notes(whole, policies, None)
        if stream.kind == CREDIT and not policies.prepaid_on(note.plan_id, note.issued)
    ]


def split_lines(whole: Period) -> list[Billed]:
    """Return the parts of split lines earned on some of the days; all parts of a line are there."""
    policies = Policies()
    if not policies.splits:
        return []
    lines = _with_plan(_read(_touching(whole, policies, issued=False)), whole, policies)
    return sorted((line for line in lines if line.method), key=lambda line: -line.invoice_id)


def recurring_lines(whole: Period, policies: Policies) -> list[Billed]:
    """Return the recurring lines earned on some of the days; those that buy credits are none."""
    lines = _touching(whole, policies, issued=False).filter(kind=_KIND.RECURRING)
    return [
        line
        for line in _with_plan(_read(lines), whole, policies)
        if line.method or not policies.prepaid_on(line.plan_id, line.issued)
    ]


def _touching(whole: Period, policies: Policies, *, issued: bool) -> QuerySet[InvoiceLine]:
    """Lines whose service touches the days. Uses index: billing_line_service."""
    lines = InvoiceLine.objects.exclude(kind__in=_LOWERING)
    begun, ended = Q(service_start__lt=whole.end), Q(service_end__gt=whole.start)
    if issued:  # earned before and invoiced after the days, or the other way round: open in them
        begun |= Q(invoice__invoice_date__lt=whole.end)
        ended |= Q(invoice__invoice_date__gte=whole.start)
    wanted = begun & ended
    if policies.termed:  # their days are more than those on the line
        termed = Q(kind=_KIND.ONE_TIME, service_start__lt=whole.end)
        wanted |= termed & _of_plans(policies.termed)
    return lines.filter(wanted)


def _of_plans(plans: Collection[int]) -> Q:
    """Match lines that name one of these plans, or none but a subscription to one."""
    return Q(plan_id__in=plans) | Q(plan=None, subscription__plan_id__in=plans)


def _read(lines: QuerySet[InvoiceLine], account: int | None = None) -> Iterator[Billed]:
    """Fetch lines of invoices that were billed, as tuples: they come by the hundred thousand."""
    period = lru_cache(maxsize=4096)(Period)
    if account is not None:
        lines = lines.filter(invoice__billing_customer_id=account)
    for (
        billed, customer, plan, plan_id, sub_plan, sub_plan_id, subscription, currency, amount,
        start, end, kind, issued, status, invoice,
    ) in lines.filter(invoice__status__in=BILLED).values_list(*_FIELDS):  # fmt: skip
        yield Billed(
            billed, customer, plan or sub_plan, plan_id or sub_plan_id, subscription, currency,
            amount, period(start, end), kind, issued, status, invoice,
        )  # fmt: skip


def _with_plan(lines: Iterable[Billed], whole: Period, policies: Policies) -> Iterator[Billed]:
    """Split lines that name no plan over the subscriptions they cover, by the rule in force."""
    if not policies.splits:
        yield from lines
        return
    yield from split(list(lines), whole, policies)


def _notes(
    whole: Period, policies: Policies, account: int | None
) -> Iterator[tuple[Billed, Stream, int | None]]:
    """Read the credit notes issued up to the end of the days, and the invoice each credits.

    Those issued long before too: their days follow from the invoice they credit.
    """
    notes = InvoiceLine.objects.filter(kind=_KIND.CREDIT, invoice__invoice_date__lt=whole.end)
    credited_by = dict(notes.values_list("invoice_id", "invoice__credits_id"))
    of = _earned_by_invoice({one for one in credited_by.values() if one}, policies)
    for note in _read(notes, account):
        credited = credited_by[note.invoice_id]
        lines = of.get(credited or 0, [])
        days = _envelope([days for _, days in lines])
        plans = {(line.plan, line.plan_id) for line, _ in lines}
        if note.plan is None and len(plans) == 1:
            plan, plan_id = next(iter(plans))
            note = note._replace(plan=plan, plan_id=plan_id)  # noqa: PLW2901 - named by the invoice
        service = credited_over(note, days)
        bad = any(line.status == Invoice.Status.UNCOLLECTIBLE for line, _ in lines)
        yield note, _note_stream(note, service, lines, bad=bad), credited


def _note_stream(
    note: Billed, service: Period, lines: list[tuple[Billed, Period]], *, bad: bool
) -> Stream:
    """Return what a note takes back, at the rate of what it credits: in full, nothing is left."""
    rates = {rate_day(line) for line, _ in lines}
    return stream_of(note._replace(service=service))._replace(
        kind=BAD_DEBT if bad else CREDIT,
        rate_on=next(iter(rates)) if len(rates) == 1 else note.issued,
    )


def _earned_by_invoice(
    invoices: Collection[int], policies: Policies
) -> dict[int, list[tuple[Billed, Period]]]:
    found: dict[int, list[tuple[Billed, Period]]] = defaultdict(list)
    lines = InvoiceLine.objects.filter(invoice_id__in=invoices).exclude(kind__in=_LOWERING)
    for line in _read(lines) if invoices else ():
        term = policies.term(line.plan_id, line.issued)
        found[line.invoice_id].append((line, earned_over(line, term)))
    return found


def _envelope(periods: list[Period]) -> Period | None:
    if not periods:
        return None
    return Period(min(p.start for p in periods), max(p.end for p in periods))
