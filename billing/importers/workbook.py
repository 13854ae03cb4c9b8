"""Read the first sheet of an XLSX workbook, once what it unpacks to is known to be harmless."""

import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from billing.importers.file_errors import FileError, LineError

MAX_UNPACKED = 512 * 1024 * 1024
_PARTS = 2_000
# A document type declares entities; no workbook has one. Looked for in any encoding XML may have.
_DECLARATIONS = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
_HEAD = 4_096
_NO_WORKBOOK = "this is a ZIP file that is no XLSX workbook"


def workbook_rows(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """Open a workbook and return (row, texts) to come. Raises FileError."""
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_harmful(archive)
        book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True)
    except FileError:
        raise
    except Exception:  # noqa: BLE001 - a broken archive or part fails in ways of its own
        raise FileError(_NO_WORKBOOK) from None
    if not book.worksheets:
        raise FileError(_NO_WORKBOOK)
    return _rows(book)


def _refuse_harmful(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)  # reading stops there, whatever is packed
    if unpacked > MAX_UNPACKED or len(parts) > _PARTS:
        message = f"the workbook unpacks to {unpacked:,} bytes; at most {MAX_UNPACKED:,}"
        raise FileError(message)
    for part in parts:
        if part.filename.endswith("vbaProject.bin"):
            message = "the workbook contains macros; save it as .xlsx without them"
            raise FileError(message)
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as file:
                head = file.read(_HEAD)
            if any(mark in head for mark in _DECLARATIONS):
                message = "the workbook declares entities of its own (DOCTYPE); save it again"
                raise FileError(message)


def _rows(book: Any) -> Iterator[tuple[int, Sequence[str]]]:
    line = 0
    try:
        for line, row in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            yield line, [_text(value) for value in row]
    except Exception as error:  # noqa: BLE001 - a broken sheet fails in ways of its own
        message = f"the sheet cannot be read on: {type(error).__name__}"
        raise LineError(line + 1, message) from None
    finally:
        book.close()


def _text(value: Any) -> str:
    """Spell a typed cell: the shortest text of a number is what was typed, up to 15 digits."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return str(value)
