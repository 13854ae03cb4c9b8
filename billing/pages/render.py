"""Render a page, or its table as CSV or XLSX: the same rows."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from billing.pages.access import EXPORT
from billing.reports.table import Table, as_csv, as_xlsx

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def respond(
    request: HttpRequest, template: str, *, title: str, table: Table | None = None, **context: Any
) -> HttpResponse:
    """Answer in the format asked for (?format=csv|xlsx); sorts and searches the table first."""
    if table is not None:
        if search := request.GET.get("q", ""):
            table = table.matching(search)
        table = table.ordered(request.GET.get("sort", ""))
        if (wanted := request.GET.get("format")) in {"csv", "xlsx"}:
            if not request.user.has_perm(EXPORT):
                raise PermissionDenied
            return _download(table, title, wanted)
    return render(
        request,
        f"tknops/{template}.html",
        {
            **admin.site.each_context(request),
            "title": title,
            "table": table,
            "currency": settings.REPORTING_CURRENCY,
            "search": request.GET.get("q", ""),
            "sort": request.GET.get("sort", ""),
            **context,
        },
    )


def _download(table: Table, title: str, wanted: str) -> HttpResponse:
    name = title.lower().replace(" ", "-")
    content = as_csv(table) if wanted == "csv" else as_xlsx(table, title)
    kind = "text/csv; charset=utf-8" if wanted == "csv" else _XLSX
    disposition = f'attachment; filename="{name}.{wanted}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})
