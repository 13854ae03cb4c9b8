"""Deferred revenue and estimates by the same records, rules and usage as the margin's revenue."""

from collections import defaultdict
from collections.abc import Mapping

from billing.margin.income import TABLES
from billing.margin.memory import Memory
from billing.margin.snapshot import snapshot
from billing.margin.used import policies_of, usage_key, usage_reader
from billing.revenue import revenue_slices
from billing.revenue.deferred import RollForward, roll_forward
from billing.revenue.rules import INVOICED
from tknops.calendar import Period
from usage.revisions import Revisions

_answers = Memory()
_estimates = Memory()


def deferred(period: Period) -> RollForward:
    """Return the roll-forward of a period's months; never change what it returns."""
    with snapshot():
        revisions = Revisions.read()
        key = (period, revisions.of(*TABLES), usage_key(period, revisions))
        return _answers.get(
            key,
            lambda: roll_forward(
                list(period.months()), usage_reader(revisions), policies_of(revisions)
            ),
        )


def estimated(period: Period) -> Mapping[str, int]:
    """Return what is earned without an invoice, in minor units by currency; never change it."""
    with snapshot():
        revisions = Revisions.read()
        key = (period, revisions.of(*TABLES), usage_key(period, revisions))
        return _estimates.get(key, lambda: _estimated(period, revisions))


def forget() -> None:
    """Drop what this process remembers."""
    _answers.clear()
    _estimates.clear()


def _estimated(period: Period, revisions: Revisions) -> dict[str, int]:
    """Sum contracted and accrued revenue of some days."""
    found: dict[str, int] = defaultdict(int)
    usage, policies = usage_reader(revisions), policies_of(revisions)
    for piece in revenue_slices([period], usage=usage, policies=policies):
        if piece.basis != INVOICED:
            found[piece.currency] += piece.amount_minor
    return dict(found)
