"""Files of a bill → lines: JSON pages, FOCUS or the template, told by what is in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from billing.importers.cells import CellError
from billing.importers.errors import Found
from billing.importers.opening import FileError, LineError, Opened, open_file
from billing.provider_bills import focus, template
from billing.provider_bills.bill_line import BillLine
from billing.provider_bills.pages import Pages
from tknops.jobs.progress import Report, unreported

MOST_LINES = 200_000
_BETWEEN_REPORTS = 1_000
_JSON = b"{["


@dataclass(slots=True)
class ReadFile:
    """A file: its name, its hash, and the lines it holds."""

    name: str
    sha256: str
    lines: list[BillLine] = field(default_factory=list)


@dataclass(slots=True)
class ReadBill:
    """What files of an upload hold, what is wrong, and what was left out, in sentences."""

    files: list[ReadFile] = field(default_factory=list)
    found: Found = field(default_factory=Found)
    notes: list[str] = field(default_factory=list)


def read_bill(
    files: Sequence[tuple[Path, ReadFile]], *, provider: str, report: Report = unreported
) -> ReadBill:
    """Read files, each a path and what it is; `provider` where a file names none."""
    bill = ReadBill()
    pages = Pages()
    for path, made in files:
        bill.files.append(made)
        try:
            _take(_lines(path, made, pages, provider, bill), bill, report)
        except OSError:
            bill.found.add(1, f"{made.name} is not kept any more; send it again")
        except FileError as error:
            bill.found.add(1, f"{made.name}: {error}")
        except LineError as error:
            bill.found.add(error.line, f"{made.name}: {error}")
        if not made.lines and not bill.found.count:
            bill.found.add(1, f"{made.name}: no line of a bill is in it")
    bill.notes += pages.unfinished()
    return bill


def _take(lines: Iterator[BillLine], bill: ReadBill, report: Report) -> None:
    """Take the lines of the newest file. Raises FileError if there are more than are taken."""
    *before, made = bill.files
    read = sum(len(one.lines) for one in before)
    for line in lines:
        made.lines.append(line)
        read += 1
        if read % _BETWEEN_REPORTS == 0:
            report(read, None)
        if read > MOST_LINES:
            message = f"over {MOST_LINES:,} lines; split the file"
            raise FileError(message)


def _lines(
    path: Path, made: ReadFile, pages: Pages, provider: str, bill: ReadBill
) -> Iterator[BillLine]:
    with path.open("rb") as file:
        head = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] and head[:1] in _JSON:
        return pages.lines(path, made.name, bill.found)
    opened = open_file(path)
    if "BilledCost" in opened.names:
        return _focus(opened, made.name, provider, bill)
    missing = [name for name in template.REQUIRED if name not in opened.names]
    if missing:
        message = (
            f"there is no column {', '.join(missing)}; accepted: FOCUS (with BilledCost), the "
            "template, and pages of OpenAI's and Anthropic's APIs as JSON"
        )
        raise FileError(message)
    return _template(opened, made.name, provider, bill)


def _rows(opened: Opened) -> Iterator[tuple[int, dict[str, str]]]:
    for line, values in opened.rows:
        row = dict(zip(opened.names, values, strict=False))
        if any(value.strip() for value in row.values()):
            yield line, row


def _template(opened: Opened, name: str, provider: str, bill: ReadBill) -> Iterator[BillLine]:
    for line, row in _rows(opened):
        try:
            yield template.line(row, provider, f"line {line}")
        except CellError as error:
            bill.found.add(line, f"{name}: {error}")


def _focus(opened: Opened, name: str, provider: str, bill: ReadBill) -> Iterator[BillLine]:
    missing = [column for column in focus.REQUIRED if column not in opened.names]
    if missing:
        message = f"FOCUS needs the column {', '.join(missing)} too"
        raise FileError(message)
    left: dict[str, list[Any]] = {}
    for number, row in _rows(opened):
        try:
            made = focus.line(row, provider, f"line {number}")
            if made is not None:
                yield made
                continue
            currency, cost = focus.left_out(row)
            count, total = left.get(currency, [0, Decimal(0)])
            left[currency] = [count + 1, total + cost]
        except CellError as error:
            bill.found.add(number, f"{name}: {error}")
    bill.notes += [
        f"{name}: {count:,} over {total.normalize():f} {currency} left out: of other services than "
        f"{focus.AI}"
        for currency, (count, total) in sorted(left.items())
    ]
