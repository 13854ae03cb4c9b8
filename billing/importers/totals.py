"""Total rows of a report: checked against the rows above them, never imported."""

import re
from collections.abc import Sequence
from decimal import Decimal

from billing.importers import cells
from billing.importers.cells import CellError
from billing.importers.style import Row, called
from billing.importers.symbols import ANY
from tknops.money import EXACT

_TOTAL = re.compile(
    r"(grand |sub[- ]?|report |overall )?totals?( for .*|:.*)?|sum|summe|gesamt(summe)?|"
    r"zwischensumme",
    re.IGNORECASE,
)
_PART = re.compile(r"sub|zwischen|totals? for", re.IGNORECASE)


def is_total(cells_: Sequence[str]) -> bool:
    """Tell a total row: its first text says so."""
    first = next((text for cell in cells_ if (text := cell.strip())), "")
    return bool(first) and len(first) <= 100 and bool(_TOTAL.fullmatch(first))


class Totals:
    """The running sums of one column, of all rows and since the last subtotal."""

    def __init__(self, column: str) -> None:
        """Take the column; '' sums nothing."""
        self._column = column
        self._all = self._part = Decimal(0)

    def add(self, row: Row) -> None:
        """Add a row that was read."""
        if self._column:
            value = cells.number(row, self._column, ANY)
            self._all, self._part = EXACT.add(self._all, value), EXACT.add(self._part, value)

    def check(self, row: Row, label: str) -> None:
        """Compare a total row. Raises CellError with the difference."""
        part = bool(_PART.match(label.strip()))
        summed = self._part if part else self._all
        self._part = Decimal(0)
        if not self._column or not cells.optional(row, self._column):
            return
        stated = cells.number(row, self._column, ANY)
        if stated != summed:
            name = called(row, self._column)
            message = (
                f"column {name!r}: the file states {label.strip()} {stated:,}, its rows sum to "
            )
            message += f"{summed:,}: a difference of {EXACT.subtract(stated, summed):,}"
            raise CellError(message, code="total_differs")
