"""What customers used on which days, for revenue that follows usage."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from billing import revenue
from billing.margin import meaning
from billing.margin.cost import cost_rows
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.margin.snapshot import snapshot
from billing.revenue import Claim, Usage, Used, UsedBy
from billing.revenue.policies import TABLES, Policies
from customers.models import Customer
from tknops.calendar import Period
from usage import cube
from usage.revisions import Key, Revisions
from usage.tokens import TOKENS, UNITS

_FIRST = dt.date(1, 1, 1)
_policies = Memory()


def policies_of(revisions: Revisions) -> Policies:
    """Return the policies of these revisions; never change what it returns."""
    return _policies.get(revisions.of(*TABLES), Policies)


def usage_key(period: Period, revisions: Revisions) -> Key:
    """Name what metered revenue of these days is made from; empty where none follows usage."""
    if not policies_of(revisions).metered:
        return ()
    return (tuple(cube.cube_files(period=Period(_FIRST, period.end))), revisions.all)


def usage_reader(revisions: Revisions) -> Usage:
    """Return how to read usage by customer, plan and day from the cube."""

    def read(customers: Collection[int], days: Period) -> dict[int, UsedBy]:
        named = Customer.objects.filter(pk__in=customers).values_list("external_id", "pk")
        ids = dict(named)
        question = Question(("customer", "plan", "day"), {"customer": sorted(ids)})
        found: dict[int, dict[str, dict[dt.date, Used]]] = defaultdict(lambda: defaultdict(dict))
        for row in cost_rows(question, days, cube.cube_files(period=days), revisions):
            customer, plan, day = row.key
            used = Used(row.events, sum(row.tokens[name] for name in TOKENS), row.tokens[UNITS])
            found[ids[customer]][plan][dt.date.fromisoformat(day)] = used
        weighed = _weighed(customers, days, revisions)
        return {key: UsedBy(plans, weighed.get(key, {})) for key, plans in found.items()}

    return read


def _weighed(
    customers: Collection[int], days: Period, revisions: Revisions
) -> dict[int, dict[str, list[Period]]]:
    """Return the days on which plans of customers have a share of their usage."""
    shares = meaning.plans(days, revisions)
    some = pc.is_in(shares["customer_id"], value_set=pa.array(customers, pa.int64()))
    found: dict[int, dict[str, list[Period]]] = defaultdict(lambda: defaultdict(list))
    for row in shares.filter(some).to_pylist():
        if row["to_share"] > row["from_share"]:
            found[row["customer_id"]][row["plan"]].append(Period(row["start"], row["end"]))
    return found


def passed_over(period: Period, customer: int) -> list[tuple[Claim, Claim]]:
    """List a customer's plans that accrue no usage of a period, each with the one that does."""
    with snapshot():
        revisions = Revisions.read()
        policies = policies_of(revisions)
        return revenue.passed_over(period, policies, usage_reader(revisions), customer)


def forget() -> None:
    """Drop what this process remembers."""
    _policies.clear()
