"""The chart that fits the shape of a grid: the figures of its first measure."""

from decimal import Decimal
from typing import Any

from django.conf import settings

from billing.explorer.figures import OFFERED, Offered
from billing.explorer.grid import WHOLE, Grid
from billing.explorer.order import Line
from billing.explorer.table import column_label, row_labels
from billing.templatetags.money import symbol
from tknops.calendar import GRAINS
from tknops.money import round_half_up

_SERIES = 7
_BARS = 30
_DIGITS = 4
Labelled = list[tuple[Line, str]]


def chart(grid: Grid) -> dict[str, Any] | None:
    """Lines or stacked bars over time, sorted bars otherwise; None of an empty grid.

    Series beyond what a chart can tell apart are one where they add; else they and bars beyond
    are left to the table, which the title says.
    """
    if grid.is_empty:
        return None
    names, across = grid.asked.axes
    rows = [(line, " · ".join(filter(None, row_labels(grid, line)))) for line in grid.rows]
    columns = [(line, column_label(grid, line)) for line in grid.columns]
    offered = OFFERED[grid.asked.measures[0]]
    if across in GRAINS:
        return _timely(grid, offered, columns, rows, turned=True)
    if len(names) == 1 and names[0] in GRAINS:
        return _timely(grid, offered, rows, columns or [(WHOLE, offered.measure.label)])
    series = columns or [(WHOLE, offered.measure.label)]
    shown = rows[:_BARS]
    return _made(grid, offered, "bars", shown, series, _left(rows, shown))


def _timely(
    grid: Grid, offered: Offered, points: Labelled, series: Labelled, *, turned: bool = False
) -> dict[str, Any]:
    kind = "stack" if offered.adds else "line"
    return _made(grid, offered, kind, points, series, "", turned=turned)


def _made(
    grid: Grid,
    offered: Offered,
    shape: str,
    points: Labelled,
    series: Labelled,
    left: str,
    *,
    turned: bool = False,
) -> dict[str, Any]:
    shown = series[:_SERIES]
    rest = series[_SERIES:]

    def value(point: Line, one: Line) -> Any:
        return offered.value(grid.found[(one, point) if turned else (point, one)])

    def together(point: Line) -> Any:
        known = [found for line, _ in rest if (found := value(point, line)) is not None]
        return sum(known) if known else None

    made = [
        {"name": label, "values": [_number(value(point, line)) for point, _ in points]}
        for line, label in shown
    ]
    if rest and offered.adds:
        values = [_number(together(point)) for point, _ in points]
        made.append({"name": f"All others ({len(rest)})", "values": values})
    elif rest:
        left += _left(series, shown)

    return {
        "kind": "explored",
        "shape": shape,
        "title": offered.measure.label + left,
        "unit": offered.kind,
        "adds": offered.adds,
        "currency": settings.REPORTING_CURRENCY,
        "symbol": symbol(),
        "labels": [label for _, label in points],
        "series": made,
    }


def _left(all_of: Labelled, shown: Labelled) -> str:
    rest = len(all_of) - len(shown)
    return f" (the first {len(shown)}; {rest} more in the table)" if rest > 0 else ""


def _number(value: Decimal | int | None) -> str | None:
    return None if value is None else str(round_half_up(Decimal(value), _DIGITS))
