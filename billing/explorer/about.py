"""What a file of the explorer says above its rows."""

from billing.explorer.figures import OFFERED
from billing.explorer.grid import Grid
from billing.explorer.question import Exploration
from billing.explorer.spans import COMPARISONS
from billing.margin.labels import labels
from billing.measures import COST_BASES, dimension, is_dated


def about(grid: Grid) -> dict[str, str]:
    """Return period, filters, basis, as-of and the question itself."""
    asked, report = grid.asked, grid.now.report
    rows, column = asked.axes
    period, before = report.period, asked.before
    told = {
        "Period": f"{period.start} to before {period.end}",
        "Rows": ", ".join(dimension(one).label for one in rows),
        "Columns": dimension(column).label if column else "",
        "Measures": "; ".join(
            f"{OFFERED[one].measure.label}: {OFFERED[one].measure.formula}"
            for one in asked.measures
        ),
        "Filters": "; ".join(f"{label}: {value}" for label, value in filter_texts(asked.filters)),
        "Basis": f"revenue {report.basis or '—'}; AI cost: {COST_BASES[asked.basis]}",
        "As of": f"{report.as_of:%Y-%m-%d %H:%M} UTC" if report.as_of else "no usage received",
    }
    if read := attributes_text(asked):
        told["Attributes"] = read
    if before:
        words = COMPARISONS[asked.compare]
        told["Compared with"] = f"{words}, {before.start} to before {before.end}"
    return told


def attributes_text(asked: Exploration) -> str:
    """Say how attributes are read, where something asked depends on it ('' if not)."""
    if not any(is_dated(name) for name in (*asked.by, *asked.filters)):
        return ""
    on = asked.attributes_on
    return f"as they are today, {on:%d %b %Y}, on all days" if on else "as they were on each day"


def filter_texts(filters: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Name each filter's dimension and value as shown."""
    names = labels(list(filters))
    return [
        (dimension(one).label, names.get(one, {}).get(key, key))
        for one, keys in filters.items()
        for key in keys
    ]
