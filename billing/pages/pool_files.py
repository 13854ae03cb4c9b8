"""Amounts of pools by CSV: upload, look at what it would bring, confirm, undo."""

import datetime as dt
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from billing.models import CostPoolImport
from billing.pages.access import page
from billing.pages.file_life import FileLife
from billing.pages.received_files import keep
from billing.pages.render import respond
from billing.pages.sent_files import csv_template
from billing.pools import COLUMNS, apply_amounts, read_amounts, undo_amounts
from billing.reports.table import Column, Row, Table
from tknops.money import minor_digits

ADD = "billing.add_costpoolamount"
_SHOWN = tuple(Column(name, name.replace("_", " ").capitalize()) for name in ("line", *COLUMNS))


def _applied(made: CostPoolImport, now: dt.datetime) -> str:
    apply_amounts(made=made, now=now)
    return f"{len(made.rows):,} amounts written"


def _undone(made: CostPoolImport, now: dt.datetime) -> str:
    return f"{undo_amounts(made=made, now=now):,} amounts taken back"


_LIFE = FileLife(CostPoolImport, "pages:pool-import", ADD, urls="pages:pool")
pool_apply = _LIFE.view(_applied, "nothing was written")
pool_undo = _LIFE.view(_undone, "it stays")


@page(ADD)
def pool_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form and list the files; one sent is read and shown."""
    upload = request.FILES.get("file")
    if request.method == "POST" and upload is not None:
        path = keep(upload)
        made = read_amounts(path=path, file_name=upload.name or "upload", user=request.user)
        path.unlink(missing_ok=True)
        return redirect("pages:pool-import", made.pk)
    return respond(
        request,
        "pool_upload",
        title="Import shared cost",
        more=[_LIFE.listed(Column("rows", "Rows", "count"), rows=lambda made: len(made.rows))],
        problem="Choose a file first." if request.method == "POST" else "",
        parent=("Shared cost", "shared-cost"),
    )


@page(ADD)
def pool_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a file would bring, or has brought, or what is wrong with which line."""
    made = get_object_or_404(CostPoolImport, pk=pk)
    lines = [
        Row({**row, "amount": f"{_major(row):,}", "line": str(row["line"])}) for row in made.rows
    ]
    return respond(
        request,
        "pool_import",
        title=f"Shared cost of {made.file_name}",
        made=made,
        may_change=True,
        life=_LIFE,
        more=[Table(_SHOWN, lines, caption="Amounts as read", name="amounts")],
        parent=("Shared cost", "shared-cost"),
    )


@page()
def pool_template(_request: HttpRequest) -> HttpResponse:
    """Send the template: its header and one example row."""
    return csv_template("shared-cost-template.csv", COLUMNS, [{
        "pool": "GPU cluster", "kind": "gpu_rent", "cost_class": "cogs", "vendor": "Lambda",
        "amount": "4200.00", "currency": "USD", "service_start": "2026-10-01",
        "service_end": "2026-11-01", "note": "invoice 1017",
    }])  # fmt: skip


def _major(row: dict[str, int | str]) -> Decimal:
    return Decimal(row["amount_minor"]).scaleb(-minor_digits(str(row["currency"])))
