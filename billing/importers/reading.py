"""Read a file by its profile: numbered records, and what was found out on the way."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from billing.importers.cells import AskError, CellError, date, number
from billing.importers.errors import Found
from billing.importers.file_errors import FileError, LineError
from billing.importers.objects import open_objects
from billing.importers.opening import Opened, open_file
from billing.importers.profiles import Profile, recognised
from billing.importers.records import Kept, LeftOut, Record
from billing.importers.style import Row, Style, detect
from billing.importers.totals import Totals, is_total
from billing.models import BillingImport

_NOT_AS_STRIPE = (AttributeError, TypeError, KeyError, ValueError, ArithmeticError)


def opened(made: BillingImport, profile: Profile, path: Path) -> Opened:
    """Open a table; note how it is written. Raises FileError and LineError."""
    said = made.reading
    dialect = {name: said.get(name, "") for name in ("encoding", "delimiter")}
    found = open_file(path, **dialect)
    dialect = {"encoding": found.encoding, "delimiter": found.delimiter}
    made.encoding, made.delimiter = found.encoding, found.delimiter
    style = Style(said.get("decimal", ""), said.get("dates", ""), bool(said.get("accounting")))
    if not (style.decimal and style.dates):
        if found.encoding == "XLSX":
            dialect = {}
        again = open_file(path, **dialect)
        style = detect(
            until_broken(again.rows), names=again.names, figures=profile.figures,
            days=profile.days, said=style,
        )  # fmt: skip
    made.style = style.as_dict()
    return found


def until_broken(
    rows: Iterable[tuple[int, Sequence[str]]],
) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield rows as far as they can be read; the reading itself says what is wrong."""
    try:
        yield from rows
    except LineError:
        return


def header_is_good(names: Sequence[str], profile: Profile, found: Found) -> bool:
    """Check the header by name: required columns, none twice, and not another known export."""
    meant = recognised(names)
    missing = [name for name in profile.required if name not in names]
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if missing:
        there = ", ".join(names) or "nothing"
        hint = f"; this looks like {meant.label}: choose that instead" if meant else ""
        found.add(1, f"columns missing: {', '.join(missing)}{hint}; found: {there}", "columns")
    elif meant and set(profile.required) < set(meant.telling) and meant.name != profile.name:
        wrong = f"this looks like {meant.label}, not {profile.label}: choose that instead"
        found.add(1, wrong, "columns")
    if doubled:
        found.add(1, f"columns that stand twice: {', '.join(doubled)}", "columns")
    return not found.count


class LeftOuts:
    """Rows that are no revenue, counted by reason and currency."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: dict[tuple[str, str], list[int]] = {}

    def add(self, one: LeftOut) -> None:
        """Count a row."""
        held = self._found.setdefault((one.reason, one.currency), [0, 0])
        held[0] += 1
        held[1] += one.amount_minor

    def as_list(self) -> list[dict[str, Any]]:
        """Return them for the import's record, the most frequent first."""
        ordered = sorted(self._found.items(), key=lambda item: (-item[1][0], item[0]))
        return [
            {"reason": reason, "currency": currency, "rows": rows, "amount_minor": minor}
            for (reason, currency), (rows, minor) in ordered
        ]


def table_records(
    table: Opened, profile: Profile, style: Style, found: Found, left_out: LeftOuts
) -> Iterator[tuple[int, Kept]]:
    """Yield (line, record) of a table; errors go to `found`."""
    names, width = table.names, len(table.names)
    totals = Totals(profile.total)
    try:
        for line, cells in table.rows:
            if not any(cell.strip() for cell in cells):
                continue
            if any(cell.strip() for cell in cells[width:]):
                found.add(line, f"the row has {len(cells)} cells, the header {width}")
                continue
            row = Row(zip(names, cells, strict=False))
            row.style = style
            try:
                if is_total(cells) and not all(
                    row.get(one, "").strip() for one in profile.required
                ):
                    totals.check(row, next(cell for cell in cells if cell.strip()))
                    continue
                yield from _kept(line, profile.read(row), left_out)
                totals.add(row)
            except AskError as error:
                found.add(line, str(error), error.code)
                _ask_all(row, profile, line, found)
            except CellError as error:
                found.add(line, str(error), error.code)
    except LineError as error:
        found.add(error.line, str(error), "line")


def _ask_all(row: Row, profile: Profile, line: int, found: Found) -> None:
    """Ask whatever else the row leaves open, so that a person answers once."""
    for read, columns in ((number, profile.figures), (date, profile.days)):
        for column in columns:
            try:
                read(row, column)
            except AskError as error:
                if error.code not in found.codes:
                    found.add(line, str(error), error.code)
            except CellError:
                continue


def object_records(
    path: Path, profile: Profile, found: Found, left_out: LeftOuts
) -> Iterator[tuple[int, Kept]]:
    """Yield (number, record) of JSON objects; errors go to `found`: a COPY runs meanwhile."""
    try:
        for number, one in open_objects(path):
            try:
                yield from _kept(number, profile.read(one), left_out)
            except CellError as error:
                found.add(number, str(error), error.code)
            except _NOT_AS_STRIPE as error:
                message = f"the object is not shaped as {profile.label} are: {error}"
                found.add(number, message[:300])
    except FileError as error:
        found.add(1, str(error), "file")
    except LineError as error:
        found.add(error.line, str(error), "line")


def _kept(line: int, records: Iterable[Record], left_out: LeftOuts) -> Iterator[tuple[int, Kept]]:
    for record in list(records):  # all of a row or none
        if isinstance(record, LeftOut):
            left_out.add(record)
        else:
            yield line, record
