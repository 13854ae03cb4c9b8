"""Matching in money: what a match or a merge would move, month by month, and what was matched."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Q

from billing.margin import MarginReport, margin
from billing.models import BillingCustomer, MatchRecord
from billing.reports.rows import ZERO
from billing.reports.table import Column, Row, Table
from billing.revenue import revenue_slices
from tknops.calendar import Period, grain_key
from tknops.money import divide, minor_digits

_LISTED = 50
_COLUMNS = (
    Column("month", "Month"),
    Column("revenue", "Revenue that moves", "money", adds=True),
    Column("cost", "Cost that moves", "money", adds=True),
    Column("kept_revenue", "Revenue now", "money", "of the customer kept", adds=True),
    Column("kept_cost", "Cost of revenue now", "money", "of the customer kept", adds=True),
    Column("then_revenue", "Revenue then", "money", adds=True),
    Column("then_cost", "Cost of revenue then", "money", adds=True),
    Column("then_margin", "AI margin then", "money", "revenue then − cost of revenue then"),
    Column("then_pct", "AI margin % then", "percent"),
)
Money = Mapping[str, tuple[Decimal | None, Decimal | None]]


def merge_table(*, keep: str, gone: str, period: Period) -> Table:
    """Show what merging a customer into another moves, months with anything only."""
    return _table(_of_customer(gone, period), _of_customer(keep, period))


def match_table(*, billed: BillingCustomer, target: str, period: Period) -> Table:
    """Show what matching a billing customer to a customer, or a name in the usage, moves."""
    revenue: dict[str, Decimal] = defaultdict(Decimal)
    for piece in revenue_slices(list(period.months())):
        mine = piece.billing_customer_id == billed.pk
        if mine and piece.currency == settings.REPORTING_CURRENCY:
            amount = Decimal(piece.amount_minor).scaleb(-minor_digits(piece.currency))
            revenue[grain_key("month", piece.bucket.start)] += amount
    moved = {month: (amount, ZERO) for month, amount in revenue.items()}
    kept = _of_customer(target, period)
    if not kept:
        # So far only a name in the usage: it has cost, and no revenue yet.
        report = margin(by=["month"], period=period, filters={"customer_reference": [target]})
        kept = {row.key[0]: (ZERO, row.cost_of_revenue) for row in report.rows}
    return _table(moved, kept)


def _of_customer(key: str, period: Period) -> Money:
    report: MarginReport = margin(by=["month"], period=period, filters={"customer": [key]})
    return {row.key[0]: (row.revenue, row.cost_of_revenue) for row in report.rows}


def _table(moved: Money, kept: Money) -> Table:
    rows = []
    for month in sorted(moved.keys() | kept.keys(), reverse=True):
        revenue, cost = moved.get(month, (ZERO, ZERO))
        mine, spent = kept.get(month, (ZERO, ZERO))
        rows.append(Row(_cells(month, revenue, cost, mine, spent)))
    keys = ("revenue", "cost", "kept_revenue", "kept_cost")
    sums = [_sum([row.cells[key] for row in rows]) for key in keys]
    total = Row(_cells("Total", *sums)) if rows else None
    return Table(_COLUMNS, rows, total, caption="What moves, by month", name="moves")


def _cells(
    month: str,
    revenue: Decimal | None,
    cost: Decimal | None,
    kept_revenue: Decimal | None,
    kept_cost: Decimal | None,
) -> dict[str, Any]:
    paid, spent = _sum([revenue, kept_revenue]), _sum([cost, kept_cost])
    left = None if paid is None or spent is None else paid - spent
    return {
        "month": month,
        "revenue": revenue,
        "cost": cost,
        "kept_revenue": kept_revenue,
        "kept_cost": kept_cost,
        "then_revenue": paid,
        "then_cost": spent,
        "then_margin": left,
        "then_pct": divide(left * 100, paid, 4) if left is not None and paid and paid > 0 else None,
    }


def _sum(values: list[Decimal | None]) -> Decimal | None:
    """Add what is known, as a total of the margin does; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, ZERO) if known else None


@dataclass(frozen=True, slots=True)
class Matched:
    """A change of a match as the page lists it; `undoable` if nothing came after it."""

    record: MatchRecord
    name: str
    undoable: bool


def matched(find: str = "") -> list[Matched]:
    """List the newest changes of matches of billing customers that are there.

    `find`: only of those whose id or name, or whose customer's, contains it.
    """
    there = BillingCustomer.objects.all()
    if find:
        there = there.filter(
            Q(external_id__icontains=find)
            | Q(name__icontains=find)
            | Q(customer__external_id__icontains=find)
            | Q(customer__name__icontains=find)
        )
    rows = MatchRecord.objects.filter(billed__in=there.values("external_id"))
    rows = rows.select_related("created_by")
    found: list[Matched] = []
    newest: set[str] = set()
    listed = list(rows.order_by("-pk")[:_LISTED])
    names = dict(
        BillingCustomer.objects.filter(
            external_id__in={row.billed for row in listed}
        ).values_list("external_id", "name")
    )  # fmt: skip
    for row in listed:
        found.append(Matched(row, names.get(row.billed, ""), row.billed not in newest))
        newest.add(row.billed)
    return found


@dataclass(frozen=True, slots=True)
class Together:
    """A customer several billing customers are matched to."""

    external_id: str
    name: str
    billed: list[str]


def billed_together() -> list[Together]:
    """List the customers that are billed as several, by name."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = BillingCustomer.objects.exclude(customer=None).order_by("external_id")
    several = rows.values_list("customer__name", "customer__external_id", "external_id", "name")
    for customer, key, billed, name in several:
        found[str(customer), str(key)].append(f"{name} ({billed})" if name else billed)
    return [
        Together(key, customer, billed)
        for (customer, key), billed in sorted(found.items())
        if len(billed) > 1
    ][:_LISTED]
