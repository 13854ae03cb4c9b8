"""Deferred revenue by the same records, rules and usage as the margin's revenue."""

from billing.margin.income import TABLES
from billing.margin.memory import Memory
from billing.margin.snapshot import snapshot
from billing.margin.used import policies_of, usage_key, usage_reader
from billing.revenue.deferred import RollForward, roll_forward
from tknops.calendar import Period
from usage.revisions import Revisions

_answers = Memory(limit=200_000)


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
            lambda made: len(made.by_key) * len(made.months),
        )


def forget() -> None:
    """Drop what this process remembers."""
    _answers.clear()
