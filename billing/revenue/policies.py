"""The dated settings of recognition, read once and asked by plan and day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from billing.models import (
    InvoiceLine,
    InvoiceSplit,
    PaymentEvent,
    RecognitionPolicy,
    SubscriptionPause,
)
from tknops.calendar import Period


class Dated(Protocol):
    """Whatever holds on [valid_from, valid_to)."""

    valid_from: dt.date | None
    valid_to: dt.date | None


D = TypeVar("D", bound=Dated)
_LINE = InvoiceLine.Kind
# Tables it is read from.
TABLES = (
    "billing_recognitionpolicy", "billing_invoicesplit", "billing_subscriptionpause",
    "billing_invoiceline", "billing_paymentevent",
)  # fmt: skip
_NO = RecognitionPolicy.Prepaid.NO
_OFF = RecognitionPolicy.Accrual.OFF


class Policies:
    """All policies, splits and pauses, and which rare records there are at all.

    Most installations have few or none: who asks often reads them once.
    """

    def __init__(self) -> None:
        """Read them."""
        self._by_plan: dict[int, list[RecognitionPolicy]] = defaultdict(list)
        for policy in RecognitionPolicy.objects.select_related("plan").order_by("pk"):
            self._by_plan[policy.plan_id].append(policy)
        self._splits = list(InvoiceSplit.objects.order_by("pk"))
        self.pauses: dict[int, list[Period]] = defaultdict(list)
        for paused, start, end in SubscriptionPause.objects.order_by("valid_from").values_list(
            "subscription_id", "valid_from", "valid_to"
        ):
            self.pauses[paused].append(Period(start, end or dt.date.max))
        kinds = InvoiceLine.objects.filter(kind__in=[_LINE.CREDIT, _LINE.REFUND])
        lowering = set(kinds.values_list("kind", flat=True).distinct())
        payments = PaymentEvent.objects.exclude(kind=PaymentEvent.Kind.PAYMENT)
        self.has_notes = _LINE.CREDIT in lowering
        self.has_contra = _LINE.REFUND in lowering or payments.exists()
        self.termed = self._plans(lambda one: one.one_off_months is not None)
        self.prepaid = self._plans(lambda one: one.prepaid != _NO)
        self.accruing = self._plans(lambda one: one.accrual != _OFF)

    def _plans(self, wanted: Callable[[RecognitionPolicy], bool]) -> set[int]:
        return {plan for plan, some in self._by_plan.items() if any(map(wanted, some))}

    @property
    def followers(self) -> frozenset[str]:
        """The codes of the plans whose revenue follows usage."""
        plans = self.prepaid | self.accruing
        return frozenset(some[0].plan.code for key, some in self._by_plan.items() if key in plans)

    def on(self, plan_id: int | None, day: dt.date) -> RecognitionPolicy | None:
        """Return the policy of a plan in force on a day."""
        return in_force(self._by_plan.get(plan_id or 0, ()), day)

    def term(self, plan_id: int | None, day: dt.date) -> int | None:
        """Return the months a plan's one-off lines of a day are earned over; None: at once."""
        found = self.on(plan_id, day) if plan_id in self.termed else None
        return found.one_off_months if found else None

    def prepaid_on(self, plan_id: int | None, day: dt.date) -> RecognitionPolicy | None:
        """Return the policy by which lines of a plan and day buy credits, if they do."""
        found = self.on(plan_id, day) if plan_id in self.prepaid else None
        return found if found and found.prepaid != _NO else None

    def split_on(self, day: dt.date) -> str:
        """Return by what a line of a day that names no plan is split; '' if by nothing."""
        found = in_force(self._splits, day)
        return found.method if found else ""

    @property
    def metered(self) -> bool:
        """Whether any revenue follows usage."""
        return bool(self.prepaid or self.accruing)

    @property
    def splits(self) -> bool:
        """Whether there is any rule to split by."""
        return bool(self._splits)


def in_force(some: Iterable[D], day: dt.date) -> D | None:
    """Return which of these dated settings holds on a day."""
    for one in some:
        if (one.valid_from or day) <= day < (one.valid_to or dt.date.max):
            return one
    return None
