"""How a file writes figures and dates: one answer for the whole file, never one per cell."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, ClassVar

_LOOKED_AT = 20_000
_DIGITS = re.compile(r"[+-]?\d*")
_LONGEST = 60
_PROOF = r"[^,.]*\d({0}\d{{3}})+{1}\d*\D*|[^,.]*\d{{1,3}}({0}\d{{3}}){{2,}}\D*|.*{1}\d{{1,2}}\D*"
_POINT = re.compile(_PROOF.format(",", r"\."), re.DOTALL)
_COMMA = re.compile(_PROOF.format(r"\.", ","), re.DOTALL)
_DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2\d{4}\b.*", re.DOTALL)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Style:
    """What a person said or the file proves; '' is open, and what hangs on it is asked."""

    decimal: str = ""
    dates: str = ""
    accounting: bool = False

    DECIMALS: ClassVar = {".": "1,234.56", ",": "1.234,56"}
    DATES: ClassVar = {"YMD": "2026-04-03", "DMY": "03/04/2026 is 3 April", "MDY": "04/03/2026"}

    def as_dict(self) -> dict[str, Any]:
        """Return it for the import's record."""
        return asdict(self)


# Of a table that is not asked about: each cell as far as it proves itself.
EACH = "*"
Cells = Mapping[str, str]


class Row(dict[str, str]):
    """Cells by name, how the file writes them, and what the file calls a mapped column."""

    style: Style = Style()
    names: Mapping[str, str] = {}
    last_day_counts: bool = False


def style_of(row: Cells) -> Style:
    """Return how the file of a row writes figures and dates."""
    return row.style if isinstance(row, Row) else Style(EACH)


def called(row: Cells, column: str) -> str:
    """Return the file's own name of a column, for messages."""
    return row.names.get(column, column) if isinstance(row, Row) else column


def detect(
    rows: Iterable[tuple[int, Sequence[str]]],
    *,
    names: Sequence[str],
    figures: Iterable[str],
    days: Iterable[str],
    said: Style,
) -> Style:
    """Fill in what nobody said from the first cells that leave no doubt."""
    found = said
    amounts = [at for at, name in enumerate(names) if name in set(figures)]
    dates = [at for at, name in enumerate(names) if name in set(days)]
    for _, cells in islice(rows, _LOOKED_AT):
        if not found.decimal:
            found = replace(found, decimal=_proved(proved_decimal, cells, amounts))
        if not found.dates:
            found = replace(found, dates=_proved(_order, cells, dates))
        if (found.decimal or not amounts) and (found.dates or not dates):
            break
    return found


def _proved(judge: Any, cells: Sequence[str], places: Iterable[int]) -> str:
    there = (judge(cells[at].strip()) for at in places if at < len(cells))
    return next(filter(None, there), "")


def proved_decimal(text: str) -> str:
    """Tell what stands before decimals; 1,234 and 1.234 prove nothing."""
    if len(text) > _LONGEST or _DIGITS.fullmatch(text):
        return ""
    if _POINT.fullmatch(text):
        return "."
    return "," if _COMMA.fullmatch(text) else ""


def _order(text: str) -> str:
    """Tell the order of day and month; 03/04/2026 proves nothing, dots put the day first."""
    if re.match(r"\d{4}[-/.]\d", text):
        return "YMD"
    if (match := _DAY.fullmatch(text)) is None:
        return ""
    if match[2] == "." or int(match[1]) > _MONTHS:
        return "DMY"
    return "MDY" if int(match[3]) > _MONTHS else ""
