"""Closed months: read from their frozen files; what changed since is an adjustment of the open."""

from billing.margin.closed.books import Books, OtherCurrencyError, books_of
from billing.margin.closed.freeze import frozen_tables
from billing.margin.closed.whole import whole

__all__ = ["Books", "OtherCurrencyError", "books_of", "frozen_tables", "whole"]
