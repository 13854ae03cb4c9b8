"""Amounts of pools by CSV: read and checked whole, written in one transaction, taken back."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.db import transaction

from billing.importers import cells
from billing.importers.cells import CellError
from billing.importers.errors import Found, ImportRefusedError, RowError
from billing.importers.opening import FileError, LineError, Opened, open_file
from billing.models import CostPool, CostPoolAmount, CostPoolImport
from usage.models import CostClass

COLUMNS = (
    "pool", "kind", "cost_class", "vendor", "amount", "currency", "service_start", "service_end",
    "note",
)  # fmt: skip
_REQUIRED = ("pool", "amount", "currency", "service_start", "service_end")
_MOST = 5_000
_LARGEST = 10**15
_LONGEST = {"pool": 200, "vendor": 200, "note": 300}


def read_amounts(*, path: Path, file_name: str, user: Any = None) -> CostPoolImport:
    """Read a file and note what it would bring, or what is wrong with which line."""
    found = Found()
    rows: list[dict[str, Any]] = []
    try:
        _read(open_file(path), rows, found)
    except FileError as error:
        found.add(1, str(error))
    except LineError as error:
        found.add(error.line, str(error))
    _compare(rows, found)
    found.first.sort(key=lambda error: error.line)
    return CostPoolImport.objects.create(
        file_name=file_name[:200],
        rows=rows,
        errors=[{"line": one.line, "message": one.message} for one in found.first],
        created_by=user,
    )


@transaction.atomic
def apply_amounts(*, made: CostPoolImport, now: dt.datetime) -> CostPoolImport:
    """Write every amount, and the pools there are not; a second call changes nothing.

    Raises ImportRefusedError if it has errors, or what it was checked against has changed.
    """
    made = CostPoolImport.objects.select_for_update().get(pk=made.pk)
    if made.applied_at:
        return made
    found = Found()
    _compare(made.rows, found)
    errors = [RowError(one["line"], one["message"]) for one in made.errors] or found.first
    if errors:
        raise ImportRefusedError(errors)
    pools = {pool.name: pool for pool in CostPool.objects.all()}
    for row in made.rows:
        if row["pool"] not in pools:
            pools[row["pool"]] = _create(row)
            made.created_pools.append(pools[row["pool"]].pk)
    CostPoolAmount.objects.bulk_create(
        CostPoolAmount(
            pool=pools[row["pool"]],
            source=CostPoolAmount.Source.IMPORT,
            service_start=row["service_start"],
            service_end=row["service_end"],
            amount_minor=row["amount_minor"],
            note=row["note"],
            pool_import=made,
            import_line=row["line"],
        )
        for row in made.rows
    )
    made.applied_at = now
    made.save(update_fields=["applied_at", "created_pools"])
    return made


@transaction.atomic
def undo_amounts(*, made: CostPoolImport, now: dt.datetime) -> int:
    """Take an import's amounts back, and the pools it brought that nothing else needs.

    Returns how many amounts went. Raises ImportRefusedError if it is not imported.
    """
    made = CostPoolImport.objects.select_for_update().get(pk=made.pk)
    if not made.applied_at or made.undone_at:
        message = f"it is {made.state}, so there is nothing to undo"
        raise ImportRefusedError([RowError(1, message)])
    count, _ = made.amounts.all().delete()
    CostPool.objects.filter(pk__in=made.created_pools, amounts=None, rules=None).delete()
    made.undone_at = now
    made.save(update_fields=["undone_at"])
    return count


def _read(opened: Opened, rows: list[dict[str, Any]], found: Found) -> None:
    if missing := [name for name in _REQUIRED if name not in opened.names]:
        found.add(1, f"the file has no column {', '.join(missing)}; the template names all")
        return
    for line, values in opened.rows:
        row = dict(zip(opened.names, values, strict=False))
        if not any(value.strip() for value in row.values()):
            continue
        if len(rows) + found.count >= _MOST:
            found.add(line, f"the file has over {_MOST:,} rows; split it")
            return
        try:
            rows.append({"line": line, **_row(row)})
        except CellError as error:
            found.add(line, str(error))
    if not rows and not found.count:
        found.add(1, "the file has no row with an amount")


def _row(row: dict[str, str]) -> dict[str, Any]:
    for column, most in _LONGEST.items():
        if len(cells.optional(row, column)) > most:
            message = f"column {column!r} has over {most} characters"
            raise CellError(message)
    currency = cells.currency(row, "currency")
    cells.required(row, "amount")
    start = cells.required_date(row, "service_start")
    end = cells.required_date(row, "service_end")
    if end <= start:
        message = f"column 'service_end': {end} is not after the service start {start} (exclusive)"
        raise CellError(message)
    return {
        "pool": cells.required(row, "pool"),
        "kind": _one_of(row, "kind", CostPool.Kind.values, "OTHER"),
        "cost_class": _one_of(row, "cost_class", CostClass.values, "COGS"),
        "vendor": cells.optional(row, "vendor"),
        "amount_minor": _minor(row, currency),
        "currency": currency,
        "service_start": start.isoformat(),
        "service_end": end.isoformat(),
        "note": cells.optional(row, "note"),
    }


def _minor(row: dict[str, str], currency: str) -> int:
    minor = cells.minor(cells.number(row, "amount"), currency, "amount")
    if not 0 < abs(minor) <= _LARGEST:
        message = f"column 'amount': {cells.optional(row, 'amount')} is 0 or beyond any pool"
        raise CellError(message)
    return minor


def _one_of(row: dict[str, str], column: str, accepted: list[str], default: str) -> str:
    text = cells.optional(row, column).upper().replace(" ", "_") or default
    if text not in accepted:
        known = ", ".join(accepted).lower()
        message = f"column {column!r}: {text.lower()!r} is not one of {known}"
        raise CellError(message)
    return text


def _compare(rows: list[dict[str, Any]], found: Found) -> None:
    """Refuse another currency than the pool has, and an amount that is there already."""
    currencies = dict(CostPool.objects.values_list("name", "currency"))
    there = {
        (name, start.isoformat(), end.isoformat() if end else "", minor, note)
        for name, start, end, minor, note in CostPoolAmount.objects.values_list(
            "pool__name", "service_start", "service_end", "amount_minor", "note"
        )
    }
    for row in rows:
        has = currencies.setdefault(row["pool"], row["currency"])
        if has != row["currency"]:
            found.add(row["line"], f"pool {row['pool']!r} is in {has}, not in {row['currency']}")
        key = tuple(
            row[name] for name in ("pool", "service_start", "service_end", "amount_minor", "note")
        )
        if key in there:
            found.add(
                row["line"],
                f"pool {row['pool']!r} has this amount for these days already; "
                "a note tells two equal ones apart",
            )
        there.add(key)


def _create(row: dict[str, Any]) -> CostPool:
    return CostPool.objects.create(
        name=row["pool"], kind=row["kind"], cost_class=row["cost_class"], vendor=row["vendor"],
        currency=row["currency"],
    )  # fmt: skip
