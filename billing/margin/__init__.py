"""The one path of every figure: cube ⨝ attribution ⨝ price, plus revenue, as rows."""

from billing.margin import (
    attributes,
    conversion,
    deferral,
    income,
    kinds,
    labels,
    meaning,
    prices,
    report,
    repriced,
    segments,
    used,
)
from billing.margin.allocation import Allocation, allocations, book, parts, rehearse
from billing.margin.closed import OtherCurrencyError, Restated, restated
from billing.margin.closed import books as closed_books
from billing.margin.closed import changed as closed_changed
from billing.margin.closed import comparison as closed_comparison
from billing.margin.closed import frozen as closed_frozen
from billing.margin.closed import labels as closed_labels
from billing.margin.deferral import deferred, estimated
from billing.margin.limit import TooManyRowsError
from billing.margin.rates import rates_of, rates_used
from billing.margin.report import MarginReport, MarginRow, combined, margin
from billing.margin.repriced import by_changed_prices, recorded
from billing.margin.scenario import Scenario
from billing.margin.snapshot import snapshot
from billing.margin.used import passed_over

__all__ = [
    "Allocation",
    "MarginReport",
    "MarginRow",
    "OtherCurrencyError",
    "Restated",
    "Scenario",
    "TooManyRowsError",
    "allocations",
    "by_changed_prices",
    "combined",
    "deferred",
    "estimated",
    "forget",
    "margin",
    "passed_over",
    "rates_of",
    "rates_used",
    "recorded",
    "rehearse",
    "restated",
    "snapshot",
]


def forget() -> None:
    """Drop all that this process remembers; the next report is made anew."""
    for module in (
        attributes,
        book,
        closed_books,
        closed_changed,
        closed_comparison,
        closed_frozen,
        closed_labels,
        conversion,
        deferral,
        income,
        kinds,
        labels,
        meaning,
        parts,
        prices,
        report,
        repriced,
        segments,
        used,
    ):
        module.forget()
