"""What customers used on which days, for revenue that follows usage."""

import datetime as dt
from collections.abc import Collection

from billing.margin.cost import cost_rows
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.revenue import Usage, Used
from billing.revenue.metered.usage import Days
from billing.revenue.policies import TABLES, Policies
from customers.models import Customer
from tknops.calendar import Period
from usage import cube
from usage.revisions import Key, Revisions
from usage.tokens import TOKENS, UNITS

_FIRST = dt.date(1, 1, 1)
_policies = Memory(limit=10)


def policies_of(revisions: Revisions) -> Policies:
    """Return the policies of these revisions; never change what it returns."""
    return _policies.get(revisions.of(*TABLES), Policies, lambda _: 1)


def usage_key(period: Period, revisions: Revisions) -> Key:
    """Name what metered revenue of these days is made from; empty where none follows usage."""
    if not policies_of(revisions).metered:
        return ()
    return (tuple(cube.cube_files(period=Period(_FIRST, period.end))), revisions.all)


def usage_reader(revisions: Revisions) -> Usage:
    """Return how to read usage by customer and day from the cube."""

    def read(customers: Collection[int], days: Period) -> dict[int, Days]:
        named = Customer.objects.filter(pk__in=customers).values_list("external_id", "pk")
        ids = dict(named)
        question = Question(("customer", "day"), {"customer": sorted(ids)})
        found: dict[int, dict[dt.date, Used]] = {}
        for row in cost_rows(question, days, cube.cube_files(period=days), revisions):
            used = Used(row.events, sum(row.tokens[name] for name in TOKENS), row.tokens[UNITS])
            found.setdefault(ids[row.key[0]], {})[dt.date.fromisoformat(row.key[1])] = used
        return dict(found)

    return read


def forget() -> None:
    """Drop what this process remembers."""
    _policies.clear()
