"""What a part of a pool reads in each dimension of a question."""

from billing.margin.allocation.parts import Part
from billing.margin.attributes import Spans, spans_of, value_on
from billing.margin.query import Question
from billing.measures import ATTRIBUTE, GROUP, NONE, NOT_SPLIT, UNATTRIBUTED, dimension
from customers.models import Customer
from tknops.calendar import GRAINS, Period, grain_key
from usage.revisions import Revisions


class Labels:
    """Labels of parts: those that last are worked out once for all days."""

    def __init__(self, question: Question, revisions: Revisions) -> None:
        """Read the attributes and customers the question needs."""
        self._names = question.dimensions
        self._known = {name for name in self._names if dimension(name).has_allocation}
        self.attributes: dict[str, Spans] = {
            name: spans_of(name, question.attributes_on, revisions)
            for name in question.attributes
            if name in self._known
        }
        self.customers: dict[str, int] = {}
        if question.asks_plan or self.attributes:
            self.customers = dict(Customer.objects.values_list("external_id", "pk"))
        self._daily = [
            (place, name)
            for place, name in enumerate(self._names)
            if name in {*GRAINS, "plan"} or name in self.attributes
        ]

    def lasting(self, part: Part) -> list[str]:
        """Return a part's labels as far as they do not depend on the day."""
        return [
            part.labels.get(ATTRIBUTE if name.startswith(ATTRIBUTE) else name, part.otherwise)
            if name in self._known
            else NOT_SPLIT
            for name in self._names
        ]

    def on(self, lasting: list[str], part: Part, bucket: Period, plan: str) -> tuple[str, ...]:
        """Return a part's labels on the days of a bucket, within one of its customer's plans."""
        if not self._daily:
            return tuple(lasting)
        found = lasting.copy()
        for place, name in self._daily:
            if (label := self._dated(name, part, bucket, plan)) is not None:
                found[place] = label
        return tuple(found)

    def _dated(self, name: str, part: Part, bucket: Period, plan: str) -> str | None:
        if name in GRAINS:
            return grain_key(name, bucket.start)
        if name == "plan":
            return plan or None
        if part.kind != "customer":
            return None
        spans = self.attributes[name].get(self.customers.get(part.target, 0), ())
        missing = UNATTRIBUTED if name == GROUP else NONE
        return value_on(spans, bucket.start) or missing
