"""Closed months: read from their frozen files; what changed since is an adjustment of the open."""

from billing.margin.closed.books import Books, OtherCurrencyError, books_of
from billing.margin.closed.comparison import changes
from billing.margin.closed.compose import answered
from billing.margin.closed.freeze import frozen_tables
from billing.margin.closed.restated import Restated, restated

__all__ = [
    "Books",
    "OtherCurrencyError",
    "Restated",
    "answered",
    "books_of",
    "changes",
    "frozen_tables",
    "restated",
]
