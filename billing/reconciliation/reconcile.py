"""Reconcile a UTC month: what a provider billed against what was tracked, exactly."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext

from django.conf import settings

from billing.margin import snapshot
from billing.models import ProviderInvoice, ReconciliationThreshold, TrueUp
from billing.reconciliation.billed import BilledMonth, UsageLine, billed_months
from billing.reconciliation.compare import Compared, compare, total
from billing.reconciliation.names import Names
from billing.reconciliation.parts import GAP, ZERO, Tracked, added
from billing.reconciliation.thresholds import NO_BILL, state, threshold_of, thresholds
from billing.reconciliation.tracked import TrackedMonth, tracked_month
from tknops.money import EXACT, divide, minor_digits, round_half_up

_PERCENT_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A provider and UTC month: both sides, the parts of the variance, and what they rest on.

    `reported` is the cost of the month's reporting days, `tracked` that of its UTC days; the
    variance is billed − reported, and the parts sum to it. None where there is no bill.
    """

    provider: str
    month: dt.date
    reported: Decimal
    tracked: Decimal
    billed: Decimal | None
    usage: Decimal | None
    parts: Mapping[str, Decimal]
    models: Sequence[Compared]
    days: Mapping[dt.date, Sequence[Compared]]
    invoices: Sequence[ProviderInvoice]
    names: Mapping[str, set[str]]
    unconverted: Mapping[str, Decimal]
    state: str
    trued_up: Decimal = ZERO
    true_ups: Sequence[TrueUp] = field(default_factory=list)

    @property
    def variance(self) -> Decimal | None:
        """What was billed beyond what reports show."""
        return None if self.billed is None else self.billed - self.reported

    @property
    def is_priced(self) -> bool:
        """Whether anything of it has a price: without one its cost is unknown, not 0."""
        return any(row.tracked.priced for row in self.models) or not self.models

    @property
    def gap(self) -> Decimal:
        """What says that metering or prices are off."""
        return sum((self.parts[name] for name in GAP), ZERO)

    @property
    def to_true_up(self) -> Decimal:
        """What the bill costs beyond the tracked cost: without tax and what is of other months.

        In whole minor units, rounded half-up, less what was trued up already; 0 without a bill.
        """
        if self.variance is None:
            return ZERO
        whole = self.variance - self.parts["tax"] - self.parts["cut_off"]
        return round_half_up(whole, minor_digits(settings.REPORTING_CURRENCY)) - self.trued_up

    @property
    def coverage(self) -> Decimal | None:
        """Tracked ÷ billed cost of usage in percent, on UTC days; None without a bill."""
        if not self.usage:
            return None
        return divide(self.tracked * 100, self.usage, _PERCENT_DECIMALS)


def reconcile(month: dt.date, *, provider: str = "") -> list[Reconciliation]:
    """Reconcile every provider with usage or a bill in a UTC month, or one of them; by name."""
    with snapshot(), localcontext(EXACT):
        billed = billed_months(month, provider)
        tracked = tracked_month(month, [provider] if provider else [])
        used = {key[0] for key in tracked.reported} | {key[0] for key in tracked.cells}
        names, limits, made = Names(), thresholds(), _true_ups(month, provider)
        found = []
        for code in sorted(used | billed.keys() | made.keys()):
            own = _reconciled(
                code, month, billed.get(code, BilledMonth()), _of(tracked, code, names)
            )
            limit = threshold_of(code, limits)
            found.append(_judged(own, made.get(code, []), limit))
        return found


@dataclass(slots=True)
class _Side:
    """The tracked side of one provider, under the names the models go by."""

    cells: dict[tuple[str, str], Tracked]
    by_day: dict[dt.date, dict[tuple[str, str], Tracked]]
    reported: Decimal


def _of(tracked: TrackedMonth, provider: str, names: Names) -> _Side:
    side = _Side(defaultdict(Tracked), defaultdict(lambda: defaultdict(Tracked)), ZERO)
    for (code, model, day, name), cell in tracked.cells.items():
        if code == provider:
            key = (names.of(provider, model), name)
            side.cells[key] += cell
            side.by_day[day][key] += cell
    side.reported = sum((c for (p, _), c in tracked.reported.items() if p == provider), ZERO)
    return side


def _reconciled(provider: str, month: dt.date, bill: BilledMonth, side: _Side) -> Reconciliation:
    whole = sum((cell.cost for cell in side.cells.values()), ZERO)
    rows = compare(bill.usage_lines, _reported(bill, None), side.cells)
    cut_off = {"cut_off": whole - side.reported}
    return Reconciliation(
        provider=provider,
        month=month,
        reported=side.reported,
        tracked=whole,
        billed=bill.billed if bill.has_bill else None,
        usage=bill.usage if bill.has_bill else None,
        parts=added([total(rows), bill.parts, cut_off]) if bill.has_bill else added([cut_off]),
        models=rows,
        days=_days(bill, side),
        invoices=bill.invoices,
        names=bill.names,
        unconverted=bill.unconverted,
        state=NO_BILL,
    )


def _reported(bill: BilledMonth, day: dt.date | None) -> dict[tuple[str, str], Decimal]:
    """Quantities of usage reports by model and class: of a day, or of the month."""
    found: dict[tuple[str, str], Decimal] = {}
    for (model, name, on), quantity in bill.reported.items():
        if day is None or on == day:
            found[model, name] = found.get((model, name), ZERO) + quantity
    return found


def _days(bill: BilledMonth, side: _Side) -> dict[dt.date, Sequence[Compared]]:
    """Compare day by day, where the bill says the day of every line."""
    if not bill.usage_lines or any(line.day is None for line in bill.usage_lines):
        return {}
    lines: dict[dt.date, list[UsageLine]] = defaultdict(list)
    for line in bill.usage_lines:
        if line.day:
            lines[line.day].append(line)
    return {
        day: compare(lines.get(day, []), _reported(bill, day), side.by_day.get(day, {}))
        for day in sorted(lines.keys() | side.by_day.keys())
    }


def _judged(
    found: Reconciliation, true_ups: list[TrueUp], limit: ReconciliationThreshold
) -> Reconciliation:
    """Add the state, and what was trued up already."""
    posted = (
        Decimal(row.amount_minor).scaleb(-minor_digits(row.currency))
        for row in true_ups
        if row.undone_at is None and row.currency == settings.REPORTING_CURRENCY
    )
    has_bill = found.usage is not None
    return replace(
        found,
        state=state(found.gap, found.usage or ZERO, limit) if has_bill else NO_BILL,
        true_ups=true_ups,
        trued_up=sum(posted, ZERO),
    )


def _true_ups(month: dt.date, provider: str) -> dict[str, list[TrueUp]]:
    found: dict[str, list[TrueUp]] = defaultdict(list)
    mine = {"provider_code": provider} if provider else {}
    rows = TrueUp.objects.filter(month=month, **mine).select_related("created_by", "undone_by")
    for row in rows.order_by("pk"):
        found[row.provider_code].append(row)
    return found
