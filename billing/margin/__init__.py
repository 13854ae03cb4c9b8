"""The one path of every figure: cube ⨝ attribution ⨝ price, plus revenue, as rows."""

from billing.margin import income, kinds, labels, meaning, prices, report
from billing.margin.report import MarginReport, MarginRow, combined, margin

__all__ = ["MarginReport", "MarginRow", "combined", "forget", "margin"]


def forget() -> None:
    """Drop all that this process remembers; the next report is made anew."""
    for module in (income, kinds, labels, meaning, prices, report):
        module.forget()
