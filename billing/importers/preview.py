"""Read a billing file whole before anything is written: records, totals and errors by line."""

import csv
import hashlib
import io
from dataclasses import dataclass, field
from decimal import Decimal

from billing.importers.cells import CellError
from billing.importers.profiles import PROFILES
from billing.importers.records import LineRecord, Record
from tknops.money import minor_digits

_MOST_ERRORS = 100
_FOREIGN = {b"PK": "an XLSX or ZIP file", b"MZ": "a program", b"%P": "a PDF"}


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a line of the file."""

    line: int
    message: str


@dataclass(slots=True)
class Preview:
    """What an import would write: nothing is written if there is an error."""

    profile: str
    file_name: str
    sha256: str
    encoding: str = ""
    delimiter: str = ""
    records: list[tuple[int, Record]] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    totals: dict[str, Decimal] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it can be applied."""
        return not self.errors


def preview(*, content: bytes, file_name: str, profile: str) -> Preview:
    """Read a file by its profile. Raises ValueError if the profile is not known."""
    if profile not in PROFILES:
        message = f"{profile!r} is not a profile; accepted: {', '.join(PROFILES)}"
        raise ValueError(message)
    found = Preview(profile, file_name, hashlib.sha256(content).hexdigest())
    text = _decode(content, found)
    if text is None:
        return found
    lines = text.splitlines()
    header = lines[0] if lines else ""
    found.delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=found.delimiter, strict=True)
    try:
        _read(reader, found)
    except csv.Error as error:
        _error(found, reader.line_num, f"the line is not valid CSV: {error}")
    return found


def _decode(content: bytes, found: Preview) -> str | None:
    if (kind := _FOREIGN.get(content[:2])) is not None:
        _error(found, 1, f"this is {kind}, not CSV")
        return None
    for encoding in ("utf-8-sig", "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ""):
        try:
            text = content.decode(encoding or "cp1252")
        except UnicodeDecodeError:
            continue
        found.encoding = encoding or "cp1252"
        return text
    _error(found, 1, "the encoding is none of UTF-8, UTF-16 and Windows-1252")
    return None


def _read(reader: "csv.DictReader[str]", found: Preview) -> None:
    profile = PROFILES[found.profile]
    names = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = names
    missing = [name for name in profile.required if name not in names]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if missing or doubled:
        what = f"columns missing: {', '.join(missing)}" if missing else f"columns twice: {doubled}"
        _error(found, 1, f"{what}; found: {', '.join(names) or 'nothing'}")
        return
    for row in reader:
        if not any((value or "").strip() for value in row.values() if isinstance(value, str)):
            continue
        try:
            record = profile.read({k: v for k, v in row.items() if isinstance(v, str)})
        except CellError as error:
            _error(found, reader.line_num, str(error))
            continue
        if record is not None:
            found.records.append((reader.line_num, record))
            _add(found, record)


def _add(found: Preview, record: Record) -> None:
    if isinstance(record, LineRecord):
        amount = Decimal(record.amount_minor).scaleb(-minor_digits(record.currency))
        found.totals[record.currency] = found.totals.get(record.currency, Decimal(0)) + amount


def _error(found: Preview, line: int, message: str) -> None:
    if len(found.errors) < _MOST_ERRORS:
        found.errors.append(RowError(line, message))
