"""The rates a period's figures rest on: part of what closing a month freezes."""

from collections.abc import Iterable

from billing.margin.report import MarginReport, margin
from billing.measures import COST_BASES
from billing.rates import Rate
from tknops.calendar import Period


def rates_used(period: Period) -> list[Rate]:
    """Return each rate that revenue, cost on any basis or shared cost was converted by, once.

    In the order of currency and day; equal lists mean that no rate the period rests on changed.
    """
    return rates_of([margin(by=[], period=period, basis=basis) for basis in COST_BASES])


def rates_of(reports: Iterable[MarginReport]) -> list[Rate]:
    """Return each rate that figures of these reports were converted by, once, in that order."""
    found = {rate for report in reports for rate in report.total.rates}
    return sorted(found, key=lambda rate: (rate.base, rate.date))
