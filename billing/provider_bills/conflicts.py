"""What must not be counted twice: the same file, or a month a bill is there for already."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Count, Max, Min, Q, QuerySet

from billing.models import ProviderImport, ProviderInvoice
from tknops.calendar import next_month

REPORTS = (ProviderInvoice.Source.OPENAI_USAGE, ProviderInvoice.Source.ANTHROPIC_USAGE)


def known_files(hashes: Sequence[str], *, but: int = 0) -> list[str]:
    """Say which of these files are imported already."""
    found = []
    for made in ProviderImport.objects.filter(state="APPLIED").exclude(pk=but).order_by("pk"):
        found += [
            f"{file['name']} was imported on {made.applied_at:%Y-%m-%d} already, as import "
            f"{made.pk}; undo that one to import it again"
            for file in made.files
            if file["sha256"] in hashes
        ]
    return found


def imported_before(made: ProviderImport) -> ProviderImport | None:
    """Return another import of the very same files that counts, or is just being read."""
    state = ProviderImport.State
    same = ProviderImport.objects.filter(
        content_sha256=made.content_sha256, state__in=[state.APPLIED, state.STAGING]
    ).exclude(pk=made.pk)
    return same.select_related("created_by", "api_key").order_by("applied_at", "pk").first()


def overlaps(made: ProviderImport) -> list[str]:
    """Say which months and days of an import a bill in force has already."""
    found = []
    for invoice in _spans(made.invoices.order_by("provider_code", "month", "pk")):
        counting = ProviderInvoice.objects.counting().exclude(provider_import=made)
        others = counting.filter(
            provider_code=invoice.provider_code, month=invoice.month, currency=invoice.currency
        )
        others = (
            others.filter(source__in=REPORTS)
            if invoice.source in REPORTS
            else others.exclude(source__in=REPORTS)
        )
        for other in _spans(others.order_by("pk")):
            if _twice(invoice, other):
                found.append(
                    f"{invoice.provider_code} has a bill for {invoice.month:%B %Y} already, from "
                    f"{other.file_name} (import {other.provider_import_id}); undo that one first"
                )
                break
    return found


def _spans(invoices: QuerySet[ProviderInvoice]) -> QuerySet[ProviderInvoice]:
    return invoices.annotate(
        first=Min("lines__day"),
        last=Max("lines__day"),
        undated=Count("lines", filter=Q(lines__day=None)),
    )


def _twice(invoice: ProviderInvoice, other: ProviderInvoice) -> bool:
    """Whether both tell of the same: other numbers or other days of one source are two bills."""
    if invoice.source != other.source:
        return True
    if invoice.number != other.number:
        return False
    one, two = _days(invoice), _days(other)
    return one[0] < two[1] and two[0] < one[1]


def _days(invoice: ProviderInvoice) -> tuple[dt.date, dt.date]:
    if invoice.undated or invoice.first is None:  # type: ignore[attr-defined]
        return invoice.month, next_month(invoice.month)
    return invoice.first, invoice.last + dt.timedelta(days=1)  # type: ignore[attr-defined]
