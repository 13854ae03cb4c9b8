"""The one path of every figure: cube ⨝ attribution ⨝ price, plus revenue, as rows."""

from billing.margin.report import MarginReport, MarginRow, margin

__all__ = ["MarginReport", "MarginRow", "margin"]
