"""A report in groups: the customer as a heading row, lines beneath, a total row after them.

QuickBooks' Sales by Customer Detail is one. Its first column has no name: there stand the headings
and the totals, on lines it is empty. It is filled with the heading, so that each row says whose it
is; totals of a single group pass and are checked like any other's.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from billing.importers.totals import is_total

Numbered = tuple[int, Sequence[str]]
CUSTOMER, LINE = "Customer", "Line no"
_LOOKED_AT = 20
_NUMBERS = frozenset(("num", "no", "number", "invoice", "invoiceno", "invoicenumber", "docnumber"))
_NAMED = re.compile(r"total for (.+?)(?: with sub-?customers)?", re.IGNORECASE)


def ungrouped(
    names: Sequence[str], rows: Iterator[Numbered]
) -> tuple[list[str], Iterator[Numbered]]:
    """Return names and rows with the customer and a line number in each; others as they are."""
    first = list(islice(rows, _LOOKED_AT))
    rows = chain(first, rows)
    if not _is_grouped(names, first):
        return list(names), rows
    customer = CUSTOMER if CUSTOMER not in names else f"{CUSTOMER} (heading)"
    return [customer, *names[1:], LINE], _filled(names, rows)


def _is_grouped(names: Sequence[str], first: Sequence[Numbered]) -> bool:
    """Tell it by the nameless first column: a heading alone in its row, then a line without."""
    if len(names) < 2 or names[0]:
        return False
    told = [cells for _, cells in first if any(cell.strip() for cell in cells)]
    line = next((cells for cells in told if not cells[0].strip()), None)
    return bool(told) and line is not None and _is_heading(told[0])


def _is_heading(cells: Sequence[str]) -> bool:
    return bool(cells[0].strip()) and not any(cell.strip() for cell in cells[1:])


def _filled(names: Sequence[str], rows: Iterator[Numbered]) -> Iterator[Numbered]:
    """Yield lines under their headings, a heading within a group behind a colon, and totals.

    A total of a group with groups in it is left out: its parts are checked, and the whole report.
    """
    numbered = next((at for at, name in enumerate(names) if _plain(name) in _NUMBERS), None)
    path: list[str] = []
    parents: set[str] = set()
    count: Counter[tuple[str, str]] = Counter()
    for line, row in rows:
        cells = [*row, *[""] * (len(names) - len(row))]
        if not any(cell.strip() for cell in cells):
            continue
        if is_total(cells):
            name = _NAMED.fullmatch(cells[0].strip())
            if name is None or not _closed(path, name[1].strip(), parents):
                yield line, [*cells, ""]
        elif _is_heading(cells):
            parents.update(path)
            path.append(cells[0].strip())
        else:
            whose = cells[0].strip() or ":".join(path)
            of = (whose, cells[numbered].strip() if numbered is not None else "")
            count[of] += 1
            yield line, [whose, *cells[1:], str(count[of])]


def _closed(path: list[str], name: str, parents: set[str]) -> bool:
    """Leave the group a total names; tell whether there were groups in it."""
    if name in path:
        del path[path.index(name) :]
    return name in parents


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
