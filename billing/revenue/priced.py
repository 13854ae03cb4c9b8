"""What a changed price makes of recurring revenue, where records prove that nothing else changed.

A *thing* is so many seats of a plan, of one billing account, in a currency, charged every so often.
What is known of it in a period are stretches that follow each other, each with the price of a whole
interval and what of it is recognised. The price effect of a thing there is in both periods is

    R now − U now × R before ÷ U before,   R = Σ recognised, U = Σ recognised ÷ price:

revenue now less the same at the mean price before. Where nothing proves the seats (prices.py), or
stretches of one thing run beside each other, there is none: it stays expansion or contraction.
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from billing.models import Invoice
from billing.revenue.billed import recurring_lines
from billing.revenue.contracts import price_minor, unbilled_days
from billing.revenue.cycles import cycle_of
from billing.revenue.policies import Policies
from billing.revenue.proven import Proof, Proofs
from billing.revenue.recognition import contracted, recognised
from billing.revenue.rules import Billed
from tknops.calendar import Period


class Thing(NamedTuple):
    """What is sold, whatever its price; `plan` is the one its revenue counts to."""

    billing_customer_id: int
    customer_id: int | None
    plan: str
    currency: str
    what: Proof


class Stretch(NamedTuple):
    """Days at a price of a whole interval, and what is recognised on them, in minor units."""

    days: Period
    price: Fraction
    recognised: int


class PriceMove(NamedTuple):
    """What a changed price makes of a thing's revenue, in minor units."""

    thing: Thing
    minor: Fraction


_Sold = dict[Thing, list[Stretch]]


def price_moves(before: Period, now: Period, policies: Policies) -> list[PriceMove]:
    """List the price effects of the things sold in both periods; those of 0 are left out."""
    was, lines = (recurring_lines(period, policies) for period in (before, now))
    proofs = Proofs([*was, *lines])
    old = _sold(before, was, proofs, policies)
    new = _sold(now, lines, proofs, policies)
    moves = (
        PriceMove(thing, price_effect(old[thing], stretches))
        for thing, stretches in new.items()
        if thing in old
    )
    return [move for move in moves if move.minor]


def price_effect(before: Sequence[Stretch], now: Sequence[Stretch]) -> Fraction:
    """Return revenue now less the same units at the mean price before; exact, 0 at one price."""
    was, had = _summed(before)
    revenue, units = _summed(now)
    return revenue - units * was / had if had else Fraction(0)


def _summed(stretches: Sequence[Stretch]) -> tuple[int, Fraction]:
    units = sum((one.recognised / one.price for one in stretches), Fraction(0))
    return sum(one.recognised for one in stretches), units


def _sold(period: Period, recurring: Sequence[Billed], proofs: Proofs, policies: Policies) -> _Sold:
    """Return what is told apart of a period; a plan of which a line is unproven is not."""
    sold: _Sold = defaultdict(list)
    unproven = set()
    for line in recurring:
        if line.status == Invoice.Status.UNCOLLECTIBLE or line.plan is None:
            continue
        proof = proofs.of(line)
        if proof is None:
            unproven.add((line.billing_customer_id, line.plan, line.currency))
            continue
        account, customer = line.billing_customer_id, line.customer_id
        thing = Thing(account, customer, line.plan, line.currency, proof)
        amount = recognised(line.amount_minor, line.service, period)
        sold[thing].append(Stretch(line.service, Fraction(line.amount_minor), amount))
    for one, days in unbilled_days(period, recurring, policies):
        price, cycle = price_minor(one), cycle_of(one)
        what = Proof(one.plan_id, cycle, one.quantity)
        account, customer = one.billing_customer_id, one.billing_customer.customer_id
        thing = Thing(account, customer, one.plan.code, one.currency, what)
        for free in days if price else ():
            amount = contracted(price, cycle=cycle, anchor=one.start_date, bucket=free)
            sold[thing].append(Stretch(free, Fraction(price), amount))
    return {
        thing: stretches
        for thing, stretches in sold.items()
        if (thing.billing_customer_id, thing.plan, thing.currency) not in unproven
        and not _beside(stretches)
    }


def _beside(stretches: Sequence[Stretch]) -> bool:
    """Whether some run at the same time: which of them goes on as which is not known then."""
    days = sorted((one.days for one in stretches), key=lambda one: one.start)
    return any(second.start < first.end for first, second in pairwise(days))
