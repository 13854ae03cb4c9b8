"""What the contexts of some lines mean: as sent, as attributed, on which plans."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence

from django.db.models import QuerySet

from billing.trace.shares import Plans, Share
from usage.cube import LedgerLine
from usage.models import Attribution, Context

Chosen = Callable[[Share], bool]


class Meant:
    """Contexts and attributions of lines, read at once; `chosen` says which plans are asked for.

    Without `plans` no plan was asked for, and lines are not cut.
    """

    def __init__(
        self, lines: Sequence[LedgerLine], plans: Plans | None, chosen: Chosen | None = None
    ) -> None:
        """Read them."""
        keys = {line.context_id for line in lines}
        self._plans, self._chosen = plans, chosen
        self._contexts = Context.objects.select_related("sku", "source", "user_reference").in_bulk(
            keys
        )
        self._attributions: dict[int, list[Attribution]] = defaultdict(list)
        for row in _in_force().filter(context_id__in=keys):
            self._attributions[row.context_id].append(row)

    def context(self, line: LedgerLine) -> Context:
        """Return the circumstances as sent."""
        return self._contexts[line.context_id]

    def attribution(self, line: LedgerLine) -> Attribution | None:
        """Return what they mean on the line's day; None where nothing says."""
        rows = self._attributions[line.context_id]
        return next((row for row in rows if _covers(row, line.day)), None)

    def shares(self, line: LedgerLine) -> tuple[Share, ...]:
        """Return the chosen plans of the line's customer on its day."""
        if self._plans is None:
            return ()
        row = self.attribution(line)
        found = self._plans.of(row.customer_id if row else None, line.day)
        return tuple(share for share in found if self._chosen is None or self._chosen(share))


def _in_force() -> QuerySet[Attribution]:
    """Read them with names; a revision holds all rules, so each is read once, not once a row."""
    rows = Attribution.objects.filter(superseded_by=None)
    named = rows.select_related("customer", "end_user", "feature", "team")
    return named.prefetch_related("run__rule_revision")


def _covers(row: Attribution, day: dt.date) -> bool:
    return (row.valid_from or dt.date.min) <= day < (row.valid_to or dt.date.max)
