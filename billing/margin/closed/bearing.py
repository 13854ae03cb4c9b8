"""Which frozen files say something of usage, revenue or shared cost of some days."""

import datetime as dt
from functools import lru_cache

import pyarrow.parquet as pq

from billing.margin.closed.books import Books
from tknops.calendar import Period

_ALWAYS = (dt.date.min, dt.date.max)


def bearing(held: Books, days: Period) -> tuple[str, ...]:
    """Name the closed files that may hold rows of these days, their own months' always.

    Late usage and corrections of a month stand in the files of later ones.
    """
    if held.closed is None:
        return ()
    own = set(held.paths(days))
    return tuple(path for path in held.paths(held.closed) if path in own or _bears(path, days))


def _bears(path: str, days: Period) -> bool:
    return any(first < days.end and last >= days.start for first, last in _spans(path))


@lru_cache(maxsize=1024)
def _spans(path: str) -> tuple[tuple[dt.date, dt.date], ...]:
    """Return the first and last day of each part of a file, which never changes."""
    metadata = pq.read_metadata(path)
    at = metadata.schema.names.index("usage_day")
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    found = [one.column(at).statistics for one in groups if one.num_rows]
    return tuple(
        (one.min, one.max) if one is not None and one.has_min_max else _ALWAYS for one in found
    )
