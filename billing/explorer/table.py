"""A grid as the table that the page, CSV and XLSX render."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

from billing.explorer.about import attributes_text
from billing.explorer.drill import narrowed
from billing.explorer.figures import OFFERED, Offered
from billing.explorer.grid import WHOLE, Grid
from billing.explorer.order import NOT_RANKED, Line
from billing.explorer.question import ALL, Exploration
from billing.explorer.spans import COMPARISONS
from billing.measures import CONTRACTED, COST_BASES, dimension
from billing.reports.rate_notes import converted
from billing.reports.rows import left_out, name
from billing.reports.table import Column, Row, Table
from tknops.calendar import GRAINS
from tknops.money import EXACT, divide, round_half_up

Link = Callable[[Exploration], str]
_PERCENT_DIGITS = 4
NO_ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Part:
    """One column of figures: a measure of a column's line, now, before, or its change."""

    line: Line
    offered: Offered
    what: str
    column: Column

    def value(self, grid: Grid, row: Line) -> Any:
        """Return the figure in a row."""
        now = self.offered.value(grid.found[row, self.line])
        if self.what == "":
            return now
        before = self.offered.value(grid.found_before[row, self.line])
        if self.what == "before":
            return before
        change = None if now is None or before is None else now - before
        if self.what == "change":
            return change
        if change is None:
            return None
        return divide(Decimal(change * 100), Decimal(abs(before)), _PERCENT_DIGITS)


def table(grid: Grid, *, link: Link, digits: int, rounding: bool = True) -> Table:
    """Lay the grid out; `link` writes the address of a question, `rounding` adds its columns."""
    with localcontext(EXACT):
        return _table(grid, link, digits, rounding=rounding)


def _table(grid: Grid, link: Link, digits: int, *, rounding: bool) -> Table:
    asked = grid.asked
    names, _ = asked.axes
    heads = [Column(one, dimension(one).label) for one in names] or [Column(NO_ROWS, "Rows")]
    parts = list(_parts(grid))
    left = _rounding(grid, parts, digits) if rounding and grid.columns else {}
    rows = [_row(grid, heads, parts, left, link, line) for line in grid.rows]
    total = _row(grid, heads, parts, left, link, WHOLE)
    total.cells[heads[0].key] = "Total"
    return Table(
        (*heads, *_with_rounding(parts, left)),
        rows,
        total if names else None,
        caption=caption(asked),
        name="explorer",
        sort=names[0] if names and names[0] in GRAINS else f"-{asked.measures[0]}",
        note=note(grid),
        digits=digits,
    )


def caption(asked: Exploration) -> str:
    """Name the table by its question: AI cost by customer and month."""
    measures = ", ".join(OFFERED[one].measure.label for one in asked.measures)
    if asked.basis != CONTRACTED:
        measures += f" ({COST_BASES[asked.basis]})"
    names = [dimension(one).label.lower() for one in asked.by]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    read = ", attributes as they are now" if asked.attributes_on and attributes_text(asked) else ""
    return f"{measures} by {listed}{read}" if listed else measures


def _parts(grid: Grid) -> Iterator[Part]:
    for line in [*grid.columns, WHOLE]:
        for measure in grid.asked.measures:
            yield from _of_measure(grid, line, OFFERED[measure])


def _of_measure(grid: Grid, line: Line, offered: Offered) -> Iterator[Part]:
    shown = f"{column_label(grid, line)}: " if grid.columns else ""
    many = len(grid.asked.measures) > 1 or grid.asked.compare or not shown
    label = shown + offered.measure.label if many else shown.removesuffix(": ")
    tail = "" if line is WHOLE else f"@{line.key[0]}{'+' * bool(line.others)}"
    key, formula = offered.measure.name, offered.measure.formula

    def part(what: str, heading: str, kind: str, *, adds: bool) -> Part:
        named = f"{key}.{what}{tail}" if what else f"{key}{tail}"
        return Part(line, offered, what, Column(named, heading, kind, formula, adds=adds))

    yield part("", label, offered.kind, adds=offered.adds)
    if grid.before is None:
        return
    yield part("before", f"{label}, before", offered.kind, adds=offered.adds)
    yield part("change", f"Δ {label}", offered.change_kind, adds=offered.adds)
    if offered.measure.unit != "percent":
        yield part("change_pct", f"Δ % {label}", "percent", adds=False)


def column_label(grid: Grid, line: Line) -> str:
    """Name a column."""
    if line is WHOLE:
        return "Total"
    if line.others:
        return _others(line)
    return name(grid.now.report, grid.asked.axes[1], line.key[0])


def _others(line: Line) -> str:
    unranked = " without a name" if line.key[0] == NOT_RANKED else ""
    return f"Others{unranked} ({line.others:,})"


def row_labels(grid: Grid, line: Line) -> list[str]:
    """Name a row, a text per dimension."""
    names, _ = grid.asked.axes
    if line.others > 0:
        return [_others(line)] + [""] * (len(names) - 1)
    if not names:
        return ["All"]
    report = grid.now.report
    return [_name(grid, one, key, report.labels) for one, key in zip(names, line.key, strict=True)]


def _name(grid: Grid, dimension_name: str, key: str, labels: dict[str, dict[str, str]]) -> str:
    found = labels.get(dimension_name, {})
    old = grid.before.report.labels.get(dimension_name, {}) if grid.before else {}
    return found.get(key) or old.get(key, key)


def _row(
    grid: Grid,
    heads: list[Column],
    parts: list[Part],
    left: dict[str, dict[Line, Decimal]],
    link: Link,
    line: Line,
) -> Row:
    texts = [] if line is WHOLE else row_labels(grid, line)
    cells: dict[str, Any] = dict(zip([head.key for head in heads], texts, strict=False))
    cells |= {part.column.key: part.value(grid, line) for part in parts}
    cells |= {f"{measure}.rounding": by_line[line] for measure, by_line in left.items()}
    links = {}
    for part in parts:
        found = narrowed(grid.asked, line, part.line) if not part.what else None
        if found:
            links[part.column.key] = link(found)
    whole = narrowed(grid.asked, line, WHOLE) if heads[0].key != NO_ROWS else None
    if line.others > 0:
        return Row(cells, link(replace(grid.asked, top=ALL)), links, stays_last=True)
    return Row(cells, link(whole) if whole and texts else "", links, stays_last=line.stays_last)


def _rounding(grid: Grid, parts: list[Part], digits: int) -> dict[str, dict[Line, Decimal]]:
    """What the rounded cells of each row lack to its rounded total, per measure that needs it."""
    found: dict[str, dict[Line, Decimal]] = {}
    for part in parts:
        offered = part.offered
        if part.what or part.line is not WHOLE or not offered.adds or offered.kind != "money":
            continue
        mine = [p for p in parts if p.offered is offered and not p.what and p.line is not WHOLE]
        by_line = {row: _lacks(grid, row, part, mine, digits) for row in [*grid.rows, WHOLE]}
        if any(by_line.values()):
            found[offered.measure.name] = by_line
    return found


def _lacks(grid: Grid, row: Line, whole: Part, mine: list[Part], digits: int) -> Decimal:
    total = whole.value(grid, row)
    values = [value for part in mine if (value := part.value(grid, row)) is not None]
    if total is None or sum(values, Decimal(0)) != total:
        return Decimal(0)  # the total leaves cells out: no matter of rounding
    shown = sum((round_half_up(value, digits) for value in values), Decimal(0))
    return round_half_up(total, digits) - shown


def _with_rounding(parts: list[Part], left: dict[str, dict[Line, Decimal]]) -> list[Column]:
    found = []
    for part in parts:
        measure = part.offered.measure
        if part.line is WHOLE and not part.what and measure.name in left:
            found.append(Column(f"{measure.name}.rounding", f"{measure.label}, rounding", "money"))
        found.append(part.column)
    return found


def note(grid: Grid) -> str:
    """Say what the figures leave out, now and before."""
    said = [left_out(grid.now.report.total)]
    if grid.before and (before := left_out(grid.before.report.total)):
        said.append(f"In the {COMPARISONS[grid.asked.compare]}: {before}")
    if grid.now.report.unconverted:
        codes = ", ".join(sorted(grid.now.report.unconverted))
        said.append(f"Left out, since no rate is known: revenue in {codes}.")
    if grid.now.report.rates:
        said.append(f"{converted(grid.now.report.rates)}.")
    return " ".join(text for text in said if text)
