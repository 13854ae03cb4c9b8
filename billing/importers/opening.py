"""Open a billing file: CSV of any usual dialect or XLSX → its header and rows of texts by name."""

import codecs
import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import openpyxl

MAX_UNPACKED = 512 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_FOREIGN = {b"MZ": "a program", b"%P": "a PDF", b"\xd0\xcf": "an old .xls file; save it as .xlsx"}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHUNK = 1 << 20
_LONGEST_CELL = 131_072
_NO_TEXT = "there are bytes that are no text in UTF-8, UTF-16 or Windows-1252"


class FileError(ValueError):
    """The file cannot be read at all; says what it is and what is accepted."""


class LineError(ValueError):
    """The file cannot be read on from this line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class Opened:
    """A file being read: names of its columns, how it is written, and (line, cells) to come."""

    names: list[str]
    encoding: str
    delimiter: str
    rows: Iterator[tuple[int, Sequence[str]]]


def open_file(path: Path) -> Opened:
    """Open a file by what it holds, never by its name. Raises FileError."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == _ZIP:
        return _xlsx(path)
    if (kind := _FOREIGN.get(head[:2])) is not None:
        message = f"this is {kind}, not CSV or XLSX"
        raise FileError(message)
    return _csv(path)


def _csv(path: Path) -> Opened:
    encoding = _encoding(path)
    text = path.open(encoding=encoding, newline="")
    try:
        first = text.readline()
    except UnicodeDecodeError:
        text.close()
        raise FileError(_NO_TEXT) from None
    text.seek(0)
    delimiter = max(",;\t", key=first.count)
    rows = _csv_rows(text, delimiter)
    _, names = next(rows, (1, []))
    return Opened(_stripped(names), encoding, delimiter, rows)


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
        except UnicodeDecodeError:
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


def _xlsx(path: Path) -> Opened:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            macros = any(part.filename.endswith("vbaProject.bin") for part in archive.infolist())
        if unpacked > MAX_UNPACKED or macros:
            message = (
                "the workbook contains macros; save it as .xlsx without them"
                if macros
                else f"the workbook unpacks to {unpacked:,} bytes; at most {MAX_UNPACKED:,}"
            )
            raise FileError(message)
        book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, OSError):
        message = "this is a ZIP file that is no XLSX workbook"
        raise FileError(message) from None
    rows = _xlsx_rows(book)
    _, names = next(rows, (1, []))
    return Opened(_stripped(names), "XLSX", "", rows)


def _xlsx_rows(book: Any) -> Iterator[tuple[int, Sequence[str]]]:
    for line, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
        yield line, [_text(value) for value in row]
    book.close()


def _text(value: Any) -> str:
    """Spell a typed cell: the shortest text of a number is what was typed, up to 15 digits."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return str(value)


def _stripped(names: Sequence[str]) -> list[str]:
    found = [name.strip() for name in names]
    while found and not found[-1]:
        found.pop()
    return found
