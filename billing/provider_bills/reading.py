"""Files of a bill → lines: JSON pages, FOCUS or the template, told by what is in them."""

import hashlib
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

MOST_LINES = 200_000
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


def read_bill(files: Sequence[tuple[Path, str]], *, provider: str) -> ReadBill:
    """Read files, each a path and the name it came under; `provider` where a file names none."""
    bill = ReadBill()
    pages = Pages()
    for path, name in files:
        made = ReadFile(name[:200], _hash(path))
        bill.files.append(made)
        try:
            for line in _lines(path, made, pages, provider, bill):
                made.lines.append(line)
                if sum(len(one.lines) for one in bill.files) > MOST_LINES:
                    bill.found.add(1, f"{name}: over {MOST_LINES:,} lines; split the file")
                    return bill
        except FileError as error:
            bill.found.add(1, f"{name}: {error}")
        except LineError as error:
            bill.found.add(error.line, f"{name}: {error}")
        if not made.lines and not bill.found.count:
            bill.found.add(1, f"{name}: no line of a bill is in it")
    bill.notes += pages.unfinished()
    return bill


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


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
