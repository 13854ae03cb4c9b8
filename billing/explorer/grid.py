"""The figures of every cell shown, of the totals, and of the period compared with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import localcontext

from billing.explorer.cells import Raw, Side, ask, ask_before
from billing.explorer.figures import Figures
from billing.explorer.order import Line, Placed, columns, lines
from billing.explorer.question import Exploration, WrongQuestionError
from billing.measures import NOT_SPLIT, dimension
from tknops.calendar import GRAINS
from tknops.money import EXACT

MOST_COLUMNS = 100
# Stands for all rows or all columns.
WHOLE = Line(("",), others=-1)
Spot = tuple[Line, Line]


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows and columns in order and the figures of each spot, now and before."""

    asked: Exploration
    now: Side
    before: Side | None
    rows: list[Line]
    columns: list[Line]
    found: dict[Spot, Figures]
    found_before: dict[Spot, Figures]

    @property
    def is_empty(self) -> bool:
        """Whether neither period has a row."""
        return not self.now.rows and not (self.before and self.before.rows)


def explore(asked: Exploration) -> Grid:
    """Answer a question. Raises WrongQuestionError where it would need too many columns."""
    _, name = asked.axes
    wide = sum(1 for _ in asked.span.period.cut(name)) if name in GRAINS else 0
    if wide > MOST_COLUMNS:
        message = (
            f"{name} in the columns makes {wide:,} columns; accepted: up to {MOST_COLUMNS}, "
            "so a coarser grain, a shorter period, or the dimension in the rows"
        )
        raise WrongQuestionError(message)
    with localcontext(EXACT):
        return _grid(asked, ask(asked), ask_before(asked))


def _grid(asked: Exploration, now: Side, before: Side | None) -> Grid:
    shown, row_of = lines(asked, now, before)
    across, column_of = columns(asked, now, before)
    return Grid(
        asked,
        now,
        before,
        shown,
        across,
        _figures(asked, now, shown, across, row_of, column_of),
        _figures(asked, before, shown, across, row_of, column_of) if before else {},
    )


def _figures(
    asked: Exploration,
    side: Side,
    shown: list[Line],
    across: list[Line],
    row_of: Placed,
    column_of: Placed,
) -> dict[Spot, Figures]:
    together: dict[Spot, list[Raw]] = defaultdict(list)
    for raw in side.rows.keys() | side.users.keys():
        row, column = row_of[raw[0]], column_of[raw[1],]
        for spot in {(row, column), (row, WHOLE), (WHOLE, column)}:
            together[spot].append(raw)
    spots = [(row, column) for row in [*shown, WHOLE] for column in [*across, WHOLE]]
    names, name = asked.axes
    earning = _earning(names, row_of), _earning([name] if name else [], column_of)
    found = {
        (row, column): side.figures(
            together[row, column], earns=row in earning[0] and column in earning[1]
        )
        for row, column in spots
    }
    found[WHOLE, WHOLE] = side.total()
    return found


def _earning(names: Sequence[str], placed: Placed) -> set[Line]:
    """Return the lines that hold a key revenue knows: where it has none, that is 0, not unknown."""
    return {WHOLE} | {
        line
        for key, line in placed.items()
        if all(
            dimension(name).has_revenue or text == NOT_SPLIT
            for name, text in zip(names, key, strict=False)
        )
    }
