"""The rates a period's figures rest on: part of what closing a month freezes."""

from billing.margin.report import margin
from billing.measures import COST_BASES
from billing.rates import Rate
from tknops.calendar import Period


def rates_used(period: Period) -> list[Rate]:
    """Return each rate that revenue, cost on any basis or shared cost was converted by, once.

    In the order of currency and day; equal lists mean that no rate the period rests on changed.
    """
    found: set[Rate] = set()
    for basis in COST_BASES:
        found.update(margin(by=[], period=period, basis=basis).rates)
    return sorted(found, key=lambda rate: (rate.base, rate.date))
