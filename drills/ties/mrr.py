"""Movements of MRR sum to its change: of each month, and of each account in it."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from billing.reports.mrr import KINDS, Month, MrrBook, mrr_book
from billing.reports.mrr.book import ZERO, month_ends
from billing.reports.mrr.movements import month
from drills.ties.found import Found
from drills.ties.revenue import WHOLE

_LEAST = Fraction(1, 10**10)


def check_mrr(found: Found) -> None:
    """Compare month by month; what a month closes with, the next one opens with."""
    with found.timed("MRR"):
        book = mrr_book()
        before = None
        for opened, closed in pairwise(month_ends(WHOLE)):
            one = month(book, opened, closed)
            if one.movements and found.seeds("mrr"):
                first = one.movements[0]
                moved = replace(first, currency=first.currency + _LEAST)
                one = replace(one, movements=(moved, *one.movements[1:]))
            _compare(found, book, one)
            if before is not None:
                found.tie("mrr", opened, one.opening, before)
            before = one.closing


def _compare(found: Found, book: MrrBook, one: Month) -> None:
    opening, closing = book.mrr(one.opened), book.mrr(one.closed)
    moved = {m.account.key: m.amount + m.currency for m in one.movements}
    found.done["MRR movements"] += len(moved)
    found.done["MRR account months"] += len(opening.keys() | closing.keys())
    for key in opening.keys() | closing.keys() | moved.keys():
        change = closing.get(key, ZERO) - opening.get(key, ZERO)
        if change != moved.get(key, ZERO):
            found.tie("mrr", (key, one.closed), change, moved.get(key, ZERO))
    total = sum((one.total(kind) for kind in KINDS), one.opening)
    found.tie("mrr", one.closed, total, one.closing)
    found.tie("mrr", one.closed, sum(closing.values(), ZERO), one.closing)
