"""What becomes of a file once it was read and shown: it is applied, and may be taken back.

Each kind of file says its words once; the views that decide on one and the list are the same.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.importers import ImportRefusedError
from billing.pages.access import page
from billing.reports.table import Column, Row, Table

# Decides on a file at an instant and says what came of it, to stand behind its name.
Decide = Callable[[Any, dt.datetime], str]
_LISTED = 50


@dataclass(frozen=True, slots=True)
class FileLife:
    """A kind of file: its model, the page that shows one, and the right to decide on it.

    `urls` is what the names of the addresses begin with that apply, undo or discard it.
    """

    model: type[Any]
    page_name: str
    right: str
    urls: str
    may_be_given_up: bool = False

    def view(self, decide: Decide, otherwise: str) -> Any:
        """Return the view that decides on a file; `otherwise` is what a refusal means for it."""

        @require_POST
        @page(self.right)
        def decided(request: HttpRequest, pk: int) -> HttpResponse:
            """Decide on a file and say what came of it."""
            made = get_object_or_404(self.model, pk=pk)
            try:
                messages.success(request, f"{made.file_name}: {decide(made, timezone.now())}.")
            except ImportRefusedError as error:
                messages.error(request, f"{made.file_name}: {otherwise}; {error.sentence}.")
            return redirect(self.page_name, pk)

        return decided

    @property
    def apply_url(self) -> str:
        """Name the address that applies one."""
        return f"{self.urls}-apply"

    @property
    def undo_url(self) -> str:
        """Name the address that takes one back."""
        return f"{self.urls}-undo"

    @property
    def discard_url(self) -> str:
        """Name the address that gives one up; '' where that cannot be."""
        return f"{self.urls}-discard" if self.may_be_given_up else ""

    def listed(self, *more: Column, **cells: Callable[[Any], Any]) -> Table:
        """List the newest files with their state; `more` columns take their cells from `cells`."""
        columns = (
            Column("file", "File"), Column("state", "State"), *more,
            Column("created", "Uploaded"), Column("by", "By"),
        )  # fmt: skip
        people = {"created_by", "api_key"}.intersection(f.name for f in self.model._meta.fields)
        newest = self.model.objects.select_related(*people).order_by("-pk")[:_LISTED]
        rows = [self._row(one, cells) for one in newest]
        return Table(columns, rows, caption="Imports", name="imports")

    def _row(self, one: Any, cells: dict[str, Callable[[Any], Any]]) -> Row:
        told = {name: cell(one) for name, cell in cells.items()}
        standing = getattr(one, "get_state_display", None)
        fixed = {
            "file": one.file_name,
            "state": standing() if standing else one.state,
            "created": f"{timezone.localtime(one.created_at):%Y-%m-%d %H:%M}",
            "by": getattr(one, "sender", "") or str(one.created_by or ""),
        }
        return Row(fixed | told, links={"file": reverse(self.page_name, args=[one.pk])})
