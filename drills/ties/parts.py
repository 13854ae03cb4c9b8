"""The parts of each variance sum to it: of a provider's month, its models, its days."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal, localcontext

from billing.reconciliation import Compared, Reconciliation, left_of, post_true_up, reconcile
from drills.ties.chance import Chance
from drills.ties.found import Found
from drills.ties.usage import YEAR
from tknops.money import EXACT

_LEAST = Decimal("1e-18")


def check_parts(found: Found, chance: Chance) -> None:
    """Reconcile each month of the year, and true one provider up."""
    with found.timed("reconciliation"), localcontext(EXACT):
        for month in YEAR:
            rows = reconcile(month)
            for one in rows:
                _provider(found, one)
            owed = [one for one in rows if left_of(one)]
            if owed and chance.one_in(3):
                _true_up(chance.choice(owed), month)


def _true_up(one: Reconciliation, month: dt.date) -> None:
    if abs(left_of(one)) < 10**18:
        post_true_up(
            provider=one.provider, month=month, posted_month=month, expected=left_of(one),
            reason="drill", user=None,
        )  # fmt: skip


def _provider(found: Found, one: Reconciliation) -> None:
    parts = dict(one.parts)
    if one.billed is not None:
        found.done["variances"] += 1
        parts["price"] += _LEAST * found.seeds("parts")
        found.tie("parts", (one.provider, one.month), sum(parts.values()), one.variance)
    between = _cells(found, one.models)
    found.done["compared days"] += len(one.days)
    if one.days:
        by_day = sum(_cells(found, rows) for rows in one.days.values())
        found.tie("parts", (one.provider, one.month, "days"), by_day, between)


def _cells(found: Found, rows: Iterable[Compared]) -> Decimal:
    """Compare each cell; return what is between bill and tracked cost of all."""
    whole = Decimal(0)
    for row in rows:
        found.done["compared cells"] += 1
        between = row.billed.cost - row.tracked.cost
        found.tie("parts", row, sum(row.parts.values()), between)
        whole += between
    return whole
