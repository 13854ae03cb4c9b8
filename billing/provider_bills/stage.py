"""Stage a bill: read it whole, check it, and keep its lines where nothing counts them yet."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Any

from django.db import transaction

from billing.importers.errors import Found
from billing.models import ProviderImport, ProviderInvoice, ProviderInvoiceLine
from billing.provider_bills.bill_line import TOTAL, BillLine
from billing.provider_bills.conflicts import known_files, overlaps
from billing.provider_bills.reading import ReadBill, ReadFile, read_bill
from billing.provider_bills.receive import AUTO, FORMATS, kept_path
from tknops.jobs.progress import Report, unreported
from tknops.money import EXACT

_LINE = (
    "kind", "day", "model", "token_class", "meter", "quantity", "unit_price", "list_cost",
    "billed_cost", "credits", "tax", "as_billed", "reference",
)  # fmt: skip
_AT_ONCE = 5_000
_GIVEN = ("total", "rate")


@transaction.atomic
def stage_bill(*, made: ProviderImport, report: Report = unreported) -> ProviderImport:
    """Read the files of a bill that was received and note what they would bring.

    A total and a rate belong to a single invoice; a file may state totals of its own. Once it is
    known it stays, however often the work is begun.
    """
    made = ProviderImport.objects.select_for_update().get(pk=made.pk)
    if made.state != ProviderImport.State.STAGING:
        return made
    files = [(kept_path(one), ReadFile(one["name"], one["sha256"])) for one in made.files]
    with localcontext(EXACT):
        bill = read_bill(files, provider=made.given["provider"], report=report)
        grouped = _grouped(bill.files)
        _check(made, bill, grouped)
        return _store(made, bill, grouped)


Key = tuple[Any, ...]


def _grouped(files: Sequence[ReadFile]) -> dict[Key, tuple[ReadFile, list[BillLine]]]:
    """Put lines together to invoices; the first file of each names it."""
    found: dict[Key, tuple[ReadFile, list[BillLine]]] = {}
    for file in files:
        for line in file.lines:
            key = (line.provider, line.month, line.currency, line.source, line.number)
            found.setdefault(key, (file, []))[1].append(line)
    return found


def _check(made: ProviderImport, bill: ReadBill, grouped: dict[Key, Any]) -> None:
    found = bill.found
    for sentence in known_files([file.sha256 for file in bill.files], but=made.pk):
        found.add(1, sentence)
    names: dict[str, str] = {}
    for file in bill.files:
        if (first := names.setdefault(file.sha256, file.name)) is not file.name:
            found.add(1, f"{file.name} is the same file as {first}; send it once")
    if made.given["total"] and len(grouped) > 1:
        found.add(1, f"a total was given, but the files hold {len(grouped)} invoices")
    for key, (file, lines) in grouped.items():
        if [one.kind for one in lines].count(TOTAL) > 1:
            found.add(1, f"the invoice of {key[0]} for {key[1]:%Y-%m} states more than one total")
        if sentence := _other_format(made.given["format"], file.name, key[3]):
            found.add(1, sentence)


def _other_format(said: str, name: str, source: str) -> str:
    if said == AUTO or FORMATS[said] == source:
        return ""
    label = ProviderInvoice.Source(source).label
    return f"{name} is read as {label}, but {said} was said; say that, or {AUTO}"


def _store(made: ProviderImport, bill: ReadBill, grouped: dict[Key, Any]) -> ProviderImport:
    refused = bool(bill.found.count)
    made.files = [{"name": f.name, "sha256": f.sha256, "lines": len(f.lines)} for f in bill.files]
    made.state = ProviderImport.State.REFUSED if refused else ProviderImport.State.STAGED
    made.errors, made.notes = _errors(bill.found), bill.notes
    if not refused:
        for key, (file, lines) in grouped.items():
            _invoice(made, key, file, lines)
        made.notes += overlaps(made)
    made.save(update_fields=["files", "state", "errors", "notes"])
    return made


def _invoice(made: ProviderImport, key: Key, file: ReadFile, lines: list[BillLine]) -> None:
    provider, month, currency, source, number = key
    stated = [line.billed_cost for line in lines if line.kind == TOTAL]
    total, rate = (Decimal(text) if (text := made.given[name]) else None for name in _GIVEN)
    invoice = ProviderInvoice.objects.create(
        provider_import=made,
        provider_code=provider,
        month=month,
        currency=currency,
        source=source,
        number=number,
        file_name=file.name,
        file_sha256=file.sha256,
        total_stated=stated[0] if stated else total,
        rate=rate,
    )
    ProviderInvoiceLine.objects.bulk_create(
        (
            ProviderInvoiceLine(invoice=invoice, **{name: getattr(line, name) for name in _LINE})
            for line in lines
            if line.kind != TOTAL
        ),
        batch_size=_AT_ONCE,
    )


def _errors(found: Found) -> list[dict[str, Any]]:
    by_line: dict[int, list[str]] = defaultdict(list)
    for error in found.first:
        by_line[error.line].append(error.message)
    return [
        {"line": line, "message": message}
        for line, messages in sorted(by_line.items())
        for message in messages
    ]
