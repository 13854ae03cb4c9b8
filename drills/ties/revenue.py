"""Slices sum to the lines; the roll-forward ties with itself and with the slices, and ends at 0."""

import datetime as dt
from collections import Counter
from itertools import pairwise

from billing.margin import deferred
from billing.revenue import RevenueSlice, RollForward, revenue_slices
from billing.revenue.billed import billed_lines
from billing.revenue.buckets import Buckets
from billing.revenue.policies import Policies
from billing.revenue.rules import CONTRA, INVOICED
from drills.ties.chance import FIRST, MONTHS, Chance
from drills.ties.found import Found
from drills.ties.invoices import Rows
from tknops.calendar import Period, add_months

WHOLE = Period(FIRST, add_months(FIRST, MONTHS))
# A roll-forward that begins later and ends earlier than the whole.
_INSIDE = slice(20, 44)
_CUTS = 60


def check_slices(found: Found, chance: Chance, rows: Rows) -> None:
    """Cut the lines as read anywhere: each stream, and each invoice as billed, is all there."""
    with found.timed("slices"):
        streams = billed_lines(WHOLE, Policies(), issued=True).streams
        left = {id(one): one.amount_minor for one in streams}
        for stream, _, amount in Buckets(_anywhere(chance)).cut(streams):
            left[id(stream)] -= amount + found.seeds("slice")
            found.done["slices"] += 1
        invoices: Counter[int | None] = Counter()
        for stream in streams:
            invoices[stream.invoice_id] += stream.amount_minor
            if rest := left[id(stream)]:
                found.tie("slice", stream, rest, 0)
        for invoice in rows.billed.keys() | invoices.keys():
            found.tie("slice", invoice, invoices[invoice], rows.billed.get(invoice, 0))


def _anywhere(chance: Chance) -> list[Period]:
    days = sorted(chance.sample(range(1, WHOLE.days), _CUTS))
    edges = [WHOLE.start, *(WHOLE.start + dt.timedelta(day) for day in days), WHOLE.end]
    return [Period(a, b) for a, b in pairwise(edges)]


def check_months(found: Found) -> list[RevenueSlice]:
    """Compare the roll-forward of all months with one inside it and with the slices."""
    with found.timed("roll-forward"):
        whole = deferred(WHOLE)
        inner = whole.months[_INSIDE]
        inside = deferred(Period(inner[0].start, inner[-1].end))
    with found.timed("slices of months"):
        slices = revenue_slices(whole.months)
    if found.seeds("month"):
        next(iter(whole.by_key.values()))[MONTHS // 2].recognised += 1
    with found.timed("comparing"):
        _with_itself(found, whole, inside)
        _with_slices(found, whole, slices)
    return slices


def _with_itself(found: Found, whole: RollForward, inside: RollForward) -> None:
    for key in whole.by_key.keys() | inside.by_key.keys():
        months = whole.read(key)
        found.done["account months"] += len(months)
        found.tie("month", key, (months[-1].closing, months[-1].unbilled), (0, 0))
        for n, (one, other) in enumerate(zip(months[_INSIDE], inside.read(key), strict=True)):
            if one != other:
                found.tie("month", (key, inside.months[n].start), one, other)


def _with_slices(found: Found, whole: RollForward, slices: list[RevenueSlice]) -> None:
    """Compare what is recognised of invoices, and contra-revenue, with the slices."""
    number = {month: n for n, month in enumerate(whole.months)}
    sums: Counter[tuple] = Counter()
    for one in slices:
        if one.basis == INVOICED:
            key = (one.currency, one.billing_customer_id)
            sums[key, number[one.bucket], one.kind == CONTRA] += one.amount_minor
    for key, months in whole.by_key.items():
        for n, month in enumerate(months):
            if month.recognised or month.contra:
                sums[key, n, False] -= month.recognised
                sums[key, n, True] -= month.contra
    for key, rest in sums.items():
        if rest:
            found.tie("month", key, rest, 0)
