"""Read a billing file into staged rows: nothing of the books is written yet."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from billing.importers import reading
from billing.importers.cells import CellError
from billing.importers.checks import check, warnings
from billing.importers.errors import Found
from billing.importers.file_errors import FileError, LineError
from billing.importers.profiles import Profile
from billing.importers.receive import profile_of
from billing.importers.records import Kept
from billing.importers.settle import settle
from billing.importers.staging import COLUMNS, staged
from billing.importers.style import Style
from billing.models import BillingImport, StagedRow
from tknops.jobs.progress import Report, unreported

_ROWS_BETWEEN_REPORTS = 1_000
_ASK = "ask_"
State = BillingImport.State


@transaction.atomic
def stage(*, made: BillingImport, path: Path, report: Report = unreported) -> BillingImport:
    """Stage a file whole: STAGED if it can be applied, REFUSED with errors by line if not.

    ASKING where a figure or date may mean two things, or the columns are not mapped yet. Once that
    is known it stays, however often the work is begun: the file may be gone by then.
    """
    made = BillingImport.objects.select_for_update().get(pk=made.pk)
    if made.state != State.STAGING:
        return made
    profile, found, left_out = profile_of(made), Found(), reading.LeftOuts()
    if profile is None:
        return _asking(made, ["columns"])
    try:
        _copy(made, _records(made, profile, path, found, left_out), found, report)
    except FileError as error:
        found.add(1, str(error), "file")
    except LineError as error:  # in the header
        found.add(error.line, str(error), "line")
    if not found.count:
        settle(made, found, details=profile.details)
    if not found.count:
        check(made, found, details=profile.details)
    made.left_out = left_out.as_list()
    return _judge(made, found)


@transaction.atomic
def read_again(*, made: BillingImport, said: Mapping[str, Any], profile: str = "") -> BillingImport:
    """Say how a file that was not applied is to be read; it is then to be staged again.

    Raises ValueError if it was decided on meanwhile.
    """
    made = BillingImport.objects.select_for_update().get(pk=made.pk)
    if made.state not in {State.STAGING, State.ASKING, State.REFUSED, State.STAGED}:
        message = f"{made} is {made.get_state_display()}, so it is not read again"
        raise ValueError(message)
    StagedRow.objects.filter(billing_import=made).delete()
    made.reading, made.profile = dict(said), profile or made.profile
    made.state, made.asks, made.errors, made.warnings = State.STAGING, [], [], []
    made.error_count = made.rows = 0
    made.save()
    return made


def _records(
    made: BillingImport, profile: Profile, path: Path, found: Found, left_out: reading.LeftOuts
) -> Iterator[tuple[int, Kept]]:
    if profile.objects:
        made.encoding = "JSON"
        return reading.object_records(path, profile, found, left_out)
    table = reading.opened(made, profile, path)
    if not reading.header_is_good(table.names, profile, found):
        return iter(())
    style = Style(**made.style)
    return reading.table_records(table, profile, style, found, left_out)


def _judge(made: BillingImport, found: Found) -> BillingImport:
    asks = sorted(code.removeprefix(_ASK) for code in found.codes if code.startswith(_ASK))
    if found.count:
        StagedRow.objects.filter(billing_import=made).delete()
        if not asks and set(found.codes) == {"invoice_conflict"}:
            asks = ["replace"]
    else:
        made.warnings = [asdict(one) for one in warnings(made)]
    made.asks = asks
    made.state = State.REFUSED if found.count else State.STAGED
    if asks and asks != ["replace"]:
        made.state = State.ASKING
    made.errors = [asdict(one) for one in found.first]
    made.error_count = found.count
    made.save()
    return made


def _asking(made: BillingImport, asks: list[str]) -> BillingImport:
    made.state, made.asks = State.ASKING, asks
    made.save()
    return made


def _copy(
    made: BillingImport, records: Iterator[tuple[int, Kept]], found: Found, report: Report
) -> None:
    made.rows = 0
    with connection.cursor() as cursor:
        statement = f"COPY billing_stagedrow ({', '.join(COLUMNS)}) FROM STDIN"
        with cursor.cursor.copy(statement) as copy:
            for line, record in records:
                made.rows += 1
                try:
                    row = staged(made.pk, line, record)
                except CellError as error:
                    found.add(line, str(error), error.code)
                    continue
                if not found.count:  # with an error nothing is kept, so nothing more is written
                    copy.write_row(row)
                if made.rows % _ROWS_BETWEEN_REPORTS == 0:
                    report(made.rows, None)
