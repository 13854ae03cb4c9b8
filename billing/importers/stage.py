"""Read a billing file into staged rows: nothing of the books is written yet."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from billing.importers.cells import CellError
from billing.importers.checks import check, warnings
from billing.importers.errors import Found
from billing.importers.opening import FileError, LineError, Opened, open_file
from billing.importers.profiles import PROFILES, recognised
from billing.importers.records import Record
from billing.importers.staging import COLUMNS, staged
from billing.models import BillingImport, StagedRow
from tknops.jobs.progress import Report, unreported

_ROWS_BETWEEN_REPORTS = 1_000


def receive(*, path: Path, file_name: str, profile: str, user: Any = None) -> BillingImport:
    """Take note of a file that is to be staged.

    Raises ValueError if the profile is not known.
    """
    if profile not in PROFILES:
        message = f"{profile!r} is not a profile; accepted: {', '.join(PROFILES)}"
        raise ValueError(message)
    with path.open("rb") as file:
        mark = hashlib.file_digest(file, "sha256").hexdigest()
    return BillingImport.objects.create(
        profile=profile, file_name=file_name[:200], file_sha256=mark, created_by=user
    )


@transaction.atomic
def stage(*, made: BillingImport, path: Path, report: Report = unreported) -> BillingImport:
    """Stage a file whole: STAGED if it can be applied, REFUSED with errors by line if not.

    Once that is known it stays, however often the work is begun: the file may be gone by then.
    """
    made = BillingImport.objects.select_for_update().get(pk=made.pk)
    if made.state != BillingImport.State.STAGING:
        return made
    found = Found()
    try:
        opened = open_file(path)
        made.encoding, made.delimiter = opened.encoding, opened.delimiter
        if _header_is_good(made, opened, found):
            _copy(made, opened, found, report)
    except FileError as error:
        found.add(1, str(error))
    except LineError as error:  # in the header
        found.add(error.line, str(error))
    if not found.count:
        check(made, found)
    if found.count:
        StagedRow.objects.filter(billing_import=made).delete()
    else:
        made.warnings = [asdict(one) for one in warnings(made)]
    made.state = BillingImport.State.REFUSED if found.count else BillingImport.State.STAGED
    made.errors = [asdict(one) for one in found.first]
    made.error_count = found.count
    made.save()
    return made


def _header_is_good(made: BillingImport, opened: Opened, found: Found) -> bool:
    names = opened.names
    profile, meant = PROFILES[made.profile], recognised(names)
    missing = [name for name in profile.required if name not in names]
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if missing:
        there = ", ".join(names) or "nothing"
        hint = f"; this looks like {meant.label}: choose that instead" if meant else ""
        found.add(1, f"columns missing: {', '.join(missing)}{hint}; found: {there}")
    elif meant and set(profile.required) < set(meant.required):
        found.add(1, f"this looks like {meant.label}, not {profile.label}: choose that instead")
    if doubled:
        found.add(1, f"columns that stand twice: {', '.join(doubled)}")
    return not found.count


def _copy(made: BillingImport, opened: Opened, found: Found, report: Report) -> None:
    with connection.cursor() as cursor:
        statement = f"COPY billing_stagedrow ({', '.join(COLUMNS)}) FROM STDIN"
        with cursor.cursor.copy(statement) as copy:
            for line, record in _records(made, opened, found):
                made.rows += 1
                try:
                    row = staged(made.pk, line, record)
                except CellError as error:
                    found.add(line, str(error))
                    continue
                if not found.count:  # with an error nothing is kept, so nothing more is written
                    copy.write_row(row)
                if made.rows % _ROWS_BETWEEN_REPORTS == 0:
                    report(made.rows, None)


def _records(made: BillingImport, opened: Opened, found: Found) -> Iterator[tuple[int, Record]]:
    read, names = PROFILES[made.profile].read, opened.names
    made.rows = 0
    try:
        for line, cells in opened.rows:
            if not any(cell.strip() for cell in cells):
                continue
            if any(cell.strip() for cell in cells[len(names) :]):
                found.add(line, f"the row has {len(cells)} cells, the header {len(names)}")
                continue
            try:
                record = read(dict(zip(names, cells, strict=False)))
            except CellError as error:
                found.add(line, str(error))
                continue
            if record is not None:
                yield line, record
    except LineError as error:
        found.add(error.line, str(error))
