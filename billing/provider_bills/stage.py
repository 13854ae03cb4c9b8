"""Stage an upload: read it whole, check it, and keep its lines where nothing counts them yet."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

from django.db import transaction

from billing.importers.errors import Found
from billing.models import ProviderImport, ProviderInvoice, ProviderInvoiceLine
from billing.provider_bills.bill_line import TOTAL, BillLine
from billing.provider_bills.conflicts import known_files, overlaps
from billing.provider_bills.reading import ReadBill, ReadFile, read_bill
from tknops.money import EXACT

_LINE = (
    "kind", "day", "model", "token_class", "meter", "quantity", "unit_price", "list_cost",
    "billed_cost", "credits", "tax", "as_billed", "reference",
)  # fmt: skip
_AT_ONCE = 5_000


def stage_bill(
    *,
    files: Sequence[tuple[Path, str]],
    provider: str = "",
    total_stated: Decimal | None = None,
    rate: Decimal | None = None,
    user: Any = None,
) -> ProviderImport:
    """Read the files of one bill, each a path and its name, and note what they would bring.

    A total and a rate belong to a single invoice; a file may state totals of its own.
    """
    with localcontext(EXACT):
        bill = read_bill(files, provider=provider)
        grouped = _grouped(bill.files)
        _check(bill, grouped, total_stated)
        return _store(bill, grouped, {"total_stated": total_stated, "rate": rate}, user)


Key = tuple[Any, ...]


def _grouped(files: Sequence[ReadFile]) -> dict[Key, tuple[ReadFile, list[BillLine]]]:
    """Put lines together to invoices; the first file of each names it."""
    found: dict[Key, tuple[ReadFile, list[BillLine]]] = {}
    for file in files:
        for line in file.lines:
            key = (line.provider, line.month, line.currency, line.source, line.number)
            found.setdefault(key, (file, []))[1].append(line)
    return found


def _check(bill: ReadBill, grouped: dict[Key, Any], total: Decimal | None) -> None:
    found = bill.found
    for sentence in known_files([file.sha256 for file in bill.files]):
        found.add(1, sentence)
    names: dict[str, str] = {}
    for file in bill.files:
        if (first := names.setdefault(file.sha256, file.name)) is not file.name:
            found.add(1, f"{file.name} is the same file as {first}; send it once")
    if total is not None and len(grouped) > 1:
        found.add(1, f"a total was given, but the files hold {len(grouped)} invoices")
    for key, (_, lines) in grouped.items():
        if [one.kind for one in lines].count(TOTAL) > 1:
            found.add(1, f"the invoice of {key[0]} for {key[1]:%Y-%m} states more than one total")


@transaction.atomic
def _store(
    bill: ReadBill, grouped: dict[Key, Any], given: dict[str, Any], user: Any
) -> ProviderImport:
    refused = bool(bill.found.count)
    made = ProviderImport.objects.create(
        file_name=_name(bill.files),
        files=[{"name": f.name, "sha256": f.sha256, "lines": len(f.lines)} for f in bill.files],
        content_sha256=_together(bill.files),
        state=ProviderImport.State.REFUSED if refused else ProviderImport.State.STAGED,
        errors=_errors(bill.found),
        notes=bill.notes,
        created_by=user,
    )
    if not refused:
        for key, (file, lines) in grouped.items():
            _invoice(made, key, file, lines, given)
        made.notes += overlaps(made)
        made.save(update_fields=["notes"])
    return made


def _invoice(
    made: ProviderImport, key: Key, file: ReadFile, lines: list[BillLine], given: dict[str, Any]
) -> None:
    provider, month, currency, source, number = key
    stated = [line.billed_cost for line in lines if line.kind == TOTAL]
    invoice = ProviderInvoice.objects.create(
        provider_import=made,
        provider_code=provider,
        month=month,
        currency=currency,
        source=source,
        number=number,
        file_name=file.name,
        file_sha256=file.sha256,
        total_stated=stated[0] if stated else given["total_stated"],
        rate=given["rate"],
    )
    ProviderInvoiceLine.objects.bulk_create(
        (
            ProviderInvoiceLine(invoice=invoice, **{name: getattr(line, name) for name in _LINE})
            for line in lines
            if line.kind != TOTAL
        ),
        batch_size=_AT_ONCE,
    )


def _name(files: Sequence[ReadFile]) -> str:
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{files[0].name[:180]}{more}" if files else "no file"


def _together(files: Sequence[ReadFile]) -> str:
    return hashlib.sha256("".join(sorted(f.sha256 for f in files)).encode()).hexdigest()


def _errors(found: Found) -> list[dict[str, Any]]:
    by_line: dict[int, list[str]] = defaultdict(list)
    for error in found.first:
        by_line[error.line].append(error.message)
    return [
        {"line": line, "message": message}
        for line, messages in sorted(by_line.items())
        for message in messages
    ]
