"""Open a billing file: CSV of any usual dialect or XLSX → its header and rows of texts by name."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from billing.importers.file_errors import FileError, LineError
from billing.importers.grouped import ungrouped
from billing.importers.workbook import workbook_rows

__all__ = ["DELIMITERS", "ENCODINGS", "FileError", "LineError", "Opened", "open_file"]
ENCODINGS = ("utf-8-sig", "cp1252", "latin-1", "utf-16", "mac-roman", "cp1250")
DELIMITERS = (",", ";", "\t", "|")
_ZIP = b"PK\x03\x04"
_FOREIGN = {
    b"MZ": "a program", b"\x7fE": "a program", b"%P": "a PDF", b"\x1f\x8b": "a gzipped file",
    b"\xd0\xcf": "an old .xls file; save it as .xlsx",
}  # fmt: skip
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHUNK = 1 << 20
_LONGEST_CELL = 131_072
_TITLES = 10
_COLUMNS = 3
_NO_TEXT = "there are bytes that are no text in UTF-8, UTF-16 or Windows-1252"


@dataclass(slots=True)
class Opened:
    """A file being read: names of its columns, how it is written, and (line, cells) to come."""

    names: list[str]
    encoding: str
    delimiter: str
    rows: Iterator[tuple[int, Sequence[str]]]


def open_file(path: Path, *, encoding: str = "", delimiter: str = "") -> Opened:
    """Open a file by what it holds, never by its name; what is not said is found out.

    Raises FileError.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if head == _ZIP:
        rows: Iterator[tuple[int, Sequence[str]]] = workbook_rows(path)
        return _opened(rows, "XLSX", "")
    if (kind := _FOREIGN.get(head[:2])) is not None:
        message = f"this is {kind}, not CSV or XLSX"
        raise FileError(message)
    return _csv(path, encoding, delimiter)


def _opened(rows: Iterable[tuple[int, Sequence[str]]], encoding: str, delimiter: str) -> Opened:
    """Take the header: the first row, or below the title of a report the first with columns."""
    rows = iter(rows)
    first = list(islice(rows, 1))
    if first and _filled(first[0]) <= 1:
        try:
            first += islice(rows, _TITLES)
        except LineError:
            first = first[:1]
        at = next((n for n, row in enumerate(first) if _filled(row) >= _COLUMNS), 0)
        first = first[at:]
    names = first[0][1] if first else []
    found, lines = ungrouped(_stripped(names), chain(first[1:], rows))
    return Opened(found, encoding, delimiter, lines)


def _filled(row: tuple[int, Sequence[str]]) -> int:
    return sum(bool(cell.strip()) for cell in row[1])


def _csv(path: Path, encoding: str, delimiter: str) -> Opened:
    encoding = encoding or _encoding(path)
    text = path.open(encoding=encoding, newline="")
    try:
        lines = list(islice(text, _TITLES))
    except UnicodeError:
        text.close()
        raise FileError(_NO_TEXT) from None
    text.seek(0)
    delimiter = delimiter or max(
        DELIMITERS, key=lambda one: max((n.count(one) for n in lines), default=0)
    )
    return _opened(_csv_rows(text, delimiter), encoding, delimiter)


def _csv_rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    with text:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                if max(map(len, row), default=0) > _LONGEST_CELL:
                    raise LineError(
                        reader.line_num, f"a cell has over {_LONGEST_CELL:,} characters"
                    )
                yield reader.line_num, row
        except csv.Error as error:
            raise LineError(reader.line_num, f"the line is not valid CSV: {error}") from None
        except UnicodeError:
            raise LineError(reader.line_num + 1, _NO_TEXT) from None


def _encoding(path: Path) -> str:
    """UTF-8 if every byte of the file is, UTF-16 by its mark, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        first = file.read(_CHUNK)
        if first[:2] in _UTF16:
            return "utf-16"
        try:
            for chunk in chain([first], iter(lambda: file.read(_CHUNK), b"")):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _stripped(names: Sequence[str]) -> list[str]:
    found = [name.strip() for name in names]
    while found and not found[-1]:
        found.pop()
    return found
