"""Render a page, or one of its tables as CSV or XLSX: the same rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from billing.pages.access import EXPORT
from billing.pages.filters import Chip, attributes_read
from billing.pages.missing import Missing, missing
from billing.pages.paging import page_number
from billing.reports.files import as_csv, as_xlsx
from billing.reports.table import Column, Table
from tknops.money import minor_digits

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ROWS = 200


def respond(
    request: HttpRequest,
    template: str,
    *,
    title: str,
    table: Table | None = None,
    more: Sequence[Table] = (),
    most: int = 0,
    **context: Any,
) -> HttpResponse:
    """Answer in the format asked for (?format=csv|xlsx&table=name).

    Sorts and searches the main table first, and shows it in pages; files hold every row. With
    `most`, only so many rows of each table are shown and the others summed, until ?all=1.
    """
    tables = [_with_digits(one) for one in more]
    if table is not None:
        table = _with_digits(table)
        if search := request.GET.get("q", ""):
            table = table.matching(search)
        table = table.ordered(request.GET.get("sort", ""))
    if (wanted := request.GET.get("format")) in {"csv", "xlsx"}:
        if not request.user.has_perm(EXPORT):
            raise PermissionDenied
        named = [one for one in tables if one.name == request.GET.get("table")]
        if chosen := next(iter(named), table):
            return _download(request, chosen, title, wanted, context)
    if most:
        shown = _ROWS if "all" in request.GET else most
        tables = [one.first(shown) for one in tables]
        table = table.first(shown) if table and shown == most else table
    pages = _pages(request, table)
    return render(
        request,
        f"tknops/{template}.html",
        {
            **admin.site.each_context(request),
            "title": title,
            "table": table.window(pages["first"], _ROWS) if table and pages["of"] > 1 else table,
            "more": tables,
            "pages": pages,
            "counted": _counted([*([table] if table else []), *tables]),
            "currency": settings.REPORTING_CURRENCY,
            "search": request.GET.get("q", ""),
            "searchable": table is not None,
            "missing": _missing(request, context),
            "attributes_read": attributes_read(request),
            **context,
        },
    )


def _with_digits(table: Table) -> Table:
    return replace(table, digits=minor_digits(table.currency or settings.REPORTING_CURRENCY))


def _missing(request: HttpRequest, context: dict[str, Any]) -> Missing | None:
    return missing(request.user, context.get("month")) if context.get("empty") else None


def _pages(request: HttpRequest, table: Table | None) -> dict[str, int]:
    rows = len(table.rows) if table else 0
    of = max(1, -(-rows // _ROWS))
    page = min(page_number(request, "page"), of)
    first = (page - 1) * _ROWS
    return {
        "page": page,
        "of": of,
        "rows": rows,
        "first": first,
        "previous": page - 1,
        "next": page + 1,
    }


def _counted(tables: Sequence[Table]) -> list[tuple[str, str]]:
    """List the formula of each measure on the page once."""
    columns: list[Column] = [column for table in tables for column in table.columns]
    return list({c.label: (c.label, c.help) for c in columns if c.help}.values())


def _download(
    request: HttpRequest, table: Table, title: str, wanted: str, context: dict[str, Any]
) -> HttpResponse:
    month = context.get("month")
    chips: list[Chip] = context.get("chips", [])
    words = [title, table.caption if table.caption != title else "", month.key if month else ""]
    words += context.get("words", [])
    name = "-".join("".join(c if c.isalnum() or c == "-" else " " for c in " ".join(words)).split())
    about = {
        "Table": table.caption or title,
        "Page": title,
        "Period": f"{month.period.start} to before {month.period.end}" if month else "",
        "Currency": table.currency or settings.REPORTING_CURRENCY,
        "Filters": ", ".join(
            [f"{chip.label}: {chip.value}" for chip in chips]
            + [f"{key}={value}" for key, value in request.GET.items() if key != "format"]
        ),
        "Attributes": context.get("attributes_read") or attributes_read(request),
        "Leaves out": table.note,
        "Made": f"{timezone.now():%Y-%m-%d %H:%M} UTC",
    }
    told = context.get("about", {})
    about |= told
    content = (
        as_csv(table, about if told else None)
        if wanted == "csv"
        else as_xlsx(table, table.caption or title, about)
    )
    kind = "text/csv; charset=utf-8" if wanted == "csv" else _XLSX
    disposition = f'attachment; filename="{name.lower()}.{wanted}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})
