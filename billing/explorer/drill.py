"""From a cell to the question it answers: its keys become filters, its days the period."""

from dataclasses import replace

from billing.explorer.cells import NO_COUNTERPART
from billing.explorer.order import NOT_RANKED, Line
from billing.explorer.question import Exploration
from billing.explorer.spans import Span
from billing.measures import NOT_SPLIT
from tknops.calendar import GRAINS, Period, grain_key

_NOWHERE = frozenset((NOT_SPLIT, NO_COUNTERPART, NOT_RANKED))


def narrowed(asked: Exploration, row: Line, column: Line) -> Exploration | None:
    """Return the question of one cell, a total included; None where no call is behind it."""
    if row.others > 0 or column.others > 0:
        return None
    names, across = asked.axes
    keys = dict(zip(names, row.key, strict=True)) if not row.others else {}
    if across and not column.others:
        keys[across] = column.key[0]
    if _NOWHERE.intersection(keys.values()):
        return None
    span, filters = asked.span, dict(asked.filters)
    for name, key in keys.items():
        if name not in GRAINS:
            filters[name] = (key,)
        elif days := _bucket(span.period, name, key):
            span = Span(days)
        else:
            return None  # a day of another month: nothing can be there
    return replace(
        asked, span=span, rows=(), column="", grain="", filters=filters, sort="", wide=False
    )


def _bucket(period: Period, grain: str, key: str) -> Period | None:
    parts = period.cut(grain)
    return next((part for part in parts if grain_key(grain, part.start) == key), None)
