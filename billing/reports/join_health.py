"""Join health: how much cost and revenue finds its other half, and what does not, by money."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches

from django.conf import settings

from billing.margin import MarginReport, MarginRow, margin
from billing.matching import KINDS, Suggestion, suggest
from billing.measures import NONE, UNATTRIBUTED
from billing.models import BillingCustomer
from billing.revenue import revenue_slices
from customers.models import Customer, EndUser
from tknops.calendar import Period
from tknops.money import divide, minor_digits

_LISTED = 50
_LOOKED_AT = 5_000
# What a bill adds to a company's name and its tenant id lacks.
_LEGAL_FORM = re.compile(
    r"[\s,]+(ag|bv|co|corp|gmbh|inc|kg|limited|llc|ltd|oy|plc|sa|sarl|srl)\.?$"
)
# Where no row is known: how each dimension reads then.
_UNKNOWN = {"customer": UNATTRIBUTED, "feature": UNATTRIBUTED, "team": NONE}


@dataclass(frozen=True, slots=True)
class Unmet:
    """One side without the other: its key, its money, and what it may be, with the reason.

    `others`: further suggestions.
    """

    key: str
    name: str
    money: Decimal | None
    suggestion: str = ""
    reason: str = ""
    others: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """The dearest of those without a counterpart, and how many there are in all.

    `nameless` is the cost of calls that name none at all: nothing there to map.
    """

    kind: str
    rows: list[Unmet]
    count: int
    total: Decimal
    nameless: Decimal | None = None

    @property
    def suggested(self) -> int:
        """How many of the rows have a suggestion."""
        return sum(bool(row.suggestion) for row in self.rows)

    @property
    def unsuggested(self) -> int:
        """How many of the rows have none."""
        return len(self.rows) - self.suggested


@dataclass(frozen=True, slots=True)
class JoinHealth:
    """Shares in percent of cost whose customer pays, and of revenue whose customer uses."""

    cost: Decimal | None
    revenue: Decimal | None


def join_health(by_customer: MarginReport) -> JoinHealth:
    """Return the shares of a report by customer."""
    named = [row for row in by_customer.rows if row.key[0] != UNATTRIBUTED]
    paid = sum((row.cost or Decimal(0) for row in named if row.revenue), Decimal(0))
    used = sum((row.revenue or Decimal(0) for row in named if row.events), Decimal(0))
    cost = by_customer.total.cost or Decimal(0)
    revenue = by_customer.total.revenue or Decimal(0)
    return JoinHealth(divide(paid * 100, cost, 4), divide(used * 100, revenue, 4))


def unknown_references(kind: str, period: Period) -> Queue:
    """Queue the references of a kind that nothing of ours answers to, dearest first."""
    if kind == "end_user":
        report = margin(by=["end_user"], period=period)
        known = set(EndUser.objects.values_list("external_id", flat=True))
    else:
        filters = {kind: [_UNKNOWN[kind]]}
        report = margin(by=[f"{kind}_reference"], period=period, filters=filters)
        known = set()
    rows = [row for row in report.rows if row.events and row.key[0] not in {NONE, *known}]
    names = KINDS[kind].model.objects.values_list("external_id", "name")
    nameless = next((row.cost for row in report.rows if row.key[0] == NONE), None)
    found = [(row.key[0], row.key[0], row.cost) for row in rows]
    return _queue(kind, found, dict(names), nameless)


def unmatched_billing(period: Period, unknown: Queue) -> Queue:
    """Queue the billing customers without a customer by their revenue in the period.

    Each suggests a customer, or one of the names in the usage that are still unknown. Money is of
    the reporting currency; it is unknown where all there is stands in others.
    """
    revenue: dict[int, Decimal] = {}
    elsewhere: set[int] = set()
    for piece in revenue_slices([period]):
        if piece.customer_id is not None:
            continue
        if piece.currency != settings.REPORTING_CURRENCY:
            elsewhere.add(piece.billing_customer_id)
            continue
        amount = Decimal(piece.amount_minor).scaleb(-minor_digits(piece.currency))
        before = revenue.get(piece.billing_customer_id, Decimal(0))
        revenue[piece.billing_customer_id] = before + amount
    billed = list(BillingCustomer.objects.filter(customer=None))
    nothing = dict.fromkeys(elsewhere)
    money: dict[int, Decimal | None] = {**nothing, **revenue}
    found = [(one.external_id, str(one), money.get(one.pk, Decimal(0))) for one in billed]
    customers = _names(Customer.objects.values_list("external_id", "name"))
    queue = _queue("billing", found, customers | {one.key: one.name for one in unknown.rows})
    listed = {row.key for row in queue.rows}
    shown = [one for one in billed if one.external_id in listed]
    certain = suggest(shown)
    found_by = {one.external_id: certain[one.pk] for one in shown}
    return replace(queue, rows=[_with(row, found_by[row.key]) for row in queue.rows])


def _with(row: Unmet, certain: Sequence[Suggestion]) -> Unmet:
    """Put what is certain before what is only spelled alike."""
    if not certain:
        return row
    first, *others = certain
    return replace(row, suggestion=first.target, reason=first.evidence, others=tuple(others))


def half_known(by_customer: MarginReport) -> tuple[Queue, Queue]:
    """Queue customers with cost but no bill, and those with bills but no usage.

    Each suggests one of the other queue by name: two customers that may be one.
    """
    names = _names(Customer.objects.values_list("external_id", "name"))
    billed = set(BillingCustomer.objects.values_list("customer__external_id", flat=True))
    rows = [row for row in by_customer.rows if row.key[0] in names]
    unpaid = [row for row in rows if row.events and row.key[0] not in billed]
    unused = [row for row in rows if row.revenue and not row.events]

    def queue(kind: str, mine: list[MarginRow], others: list[MarginRow]) -> Queue:
        offered = {row.key[0]: names[row.key[0]] for row in others}
        money = [
            (row.key[0], names[row.key[0]], row.cost if kind == "unpaid" else row.revenue)
            for row in mine
        ]
        return _queue(kind, money, offered)

    return queue("unpaid", unpaid, unused), queue("unused", unused, unpaid)


def _names(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    return dict(rows)


def _queue(
    kind: str,
    found: Sequence[tuple[str, str, Decimal | None]],
    names: Mapping[str, str],
    nameless: Decimal | None = None,
) -> Queue:
    ordered = sorted(found, key=lambda one: (-(one[2] or Decimal(0)), one[0]))
    by_name = {name.lower(): key for key, name in names.items()}
    rows = [
        Unmet(
            key,
            name,
            money,
            near := _suggest(key, name, names, by_name),
            "spelled alike" if near else "",
        )
        for key, name, money in ordered[:_LISTED]
    ]
    total = sum((money for _, _, money in found if money is not None), Decimal(0))
    return Queue(kind, rows, len(found), total, nameless)


def _suggest(key: str, name: str, names: Mapping[str, str], by_name: Mapping[str, str]) -> str:
    """Offer a near id or name; a person decides.

    Ids whose digits differ are not near: a biller numbers them, and cus_N18 is not cus_N21.
    """
    alike = [one for one in list(names)[:_LOOKED_AT] if _digits(one) == _digits(key)]
    if near := get_close_matches(key.lower(), alike, n=1, cutoff=0.7):
        return near[0]
    short = _LEGAL_FORM.sub("", name.lower())
    like = get_close_matches(short, list(by_name)[:_LOOKED_AT], n=1, cutoff=0.7)
    return by_name[like[0]] if like else ""


def _digits(key: str) -> str:
    return "".join(filter(str.isdigit, key))
