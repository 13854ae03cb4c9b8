"""Read the European Central Bank's table of rates: a day a line, what one euro was a column.

eurofxref-hist.csv and eurofxref.csv: Date, USD, JPY, …, N/A where a currency had no rate that day,
a comma after the last. The daily file writes its day as 5 October 2026.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from billing.importers.errors import Found
from billing.importers.opening import FileError, LineError, Opened, open_file
from billing.models import ExchangeRate, RateImport
from billing.rates import DECIMALS
from billing.rates.lookup import PIVOT

SOURCE = "European Central Bank"
_CODE = re.compile(r"[A-Z]{3}")
_RATE = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
_NONE = frozenset(("", "N/A"))
_EARLIEST = dt.date(1950, 1, 1)
_MOST = 20_000
_WRITTEN = "%d %B %Y"


def read_rates(
    *, path: Path, file_name: str, today: dt.date, source: str = SOURCE, user: Any = None
) -> RateImport:
    """Read a file and note what it would bring, or what is wrong with which line."""
    found = Found()
    rows: list[tuple[int, str, dict[str, str]]] = []
    try:
        _read(open_file(path), rows, found, today)
    except FileError as error:
        found.add(1, str(error))
    except LineError as error:
        found.add(error.line, str(error))
    made = RateImport(
        file_name=file_name[:200],
        file_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        source=source,
        rows=[] if found.count else rows,
        errors=[{"line": one.line, "message": one.message} for one in found.first],
        created_by=user,
    )
    made.created, made.corrected, made.unchanged = compared(made)
    made.save()
    return made


def compared(made: RateImport) -> tuple[int, int, int]:
    """Count the rates a file brings anew, corrects, and finds as they are."""
    there = in_force()
    new = corrected = same = 0
    for _, day, rates in made.rows:
        for code, rate in rates.items():
            held = there.get((code, day))
            if held is None:
                new += 1
            elif held[1] == Decimal(rate):
                same += 1
            else:
                corrected += 1
    return new, corrected, same


def in_force() -> dict[tuple[str, str], tuple[int, Decimal]]:
    """Return the rates per euro in force, by currency and day."""
    rows = ExchangeRate.objects.filter(superseded_at=None, base=PIVOT)
    return {
        (code, day.isoformat()): (pk, rate)
        for pk, code, day, rate in rows.values_list("pk", "quote", "date", "rate")
    }


def _read(
    opened: Opened, rows: list[tuple[int, str, dict[str, str]]], found: Found, today: dt.date
) -> None:
    codes = _codes(opened.names, found)
    seen: dict[str, int] = {}
    for line, cells in opened.rows if codes else ():
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) + found.count >= _MOST:
            found.add(line, f"the file has over {_MOST:,} days; split it")
            return
        day = _day(cells[0], today)
        if isinstance(day, str):
            found.add(line, day)
            continue
        if (before := seen.setdefault(day.isoformat(), line)) != line:
            found.add(line, f"{day} stands on line {before} already")
        rows.append((line, day.isoformat(), _rates(codes, cells, line, found)))
    if not rows and not found.count:
        found.add(1, "the file has no day with rates")


def _codes(names: Sequence[str], found: Found) -> list[str]:
    """Read the header; a column beside the last comma has no name."""
    if not names or names[0].strip().lower() != "date":
        first = names[0] if names else ""
        found.add(
            1, f"the first column is {first!r}, not 'Date': this is no table of rates per euro"
        )
        return []
    codes = [name.strip() for name in names[1:]]
    for at, code in enumerate(codes):
        if not _CODE.fullmatch(code) or code == PIVOT:
            found.add(1, f"column {code!r} is no currency code such as USD")
        elif code in codes[:at]:
            found.add(1, f"column {code!r} stands twice")
    return codes


def _day(text: str, today: dt.date) -> dt.date | str:
    """Read a day, or say why it is none."""
    text = text.strip()
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        try:
            day = dt.datetime.strptime(text, _WRITTEN).replace(tzinfo=dt.UTC).date()
        except ValueError:
            return f"{text!r} is not a day such as 2026-10-05"
    if not _EARLIEST <= day <= today:
        return f"{day} is not between {_EARLIEST} and today, {today}"
    return day


def _rates(codes: Sequence[str], cells: Sequence[str], line: int, found: Found) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(codes) + 1 :]):
        found.add(line, f"the line has more cells than the {len(codes) + 1} columns")
    rates = {}
    for code, cell in zip(codes, cells[1:], strict=False):
        text = cell.strip()
        if text in _NONE:
            continue
        if not _RATE.fullmatch(text) or not Decimal(text):
            found.add(
                line,
                f"{code}: {text!r} is not a rate above 0 with up to {DECIMALS} decimals, or N/A",
            )
            continue
        rates[code] = text
    return rates
