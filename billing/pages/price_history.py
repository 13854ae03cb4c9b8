"""The price history of one model, and one revision with the way back."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.pages.access import page
from billing.pages.paging import page_number
from billing.pages.price_changes import CHANGE
from billing.pages.render import respond
from billing.reports.reprice import Preview, preview
from billing.reports.rows import ZERO
from usage.models import ModelAlias, Price, PriceAdjustment, PriceRevision
from usage.repricing import RevertError, revert, reverting
from usage.repricing.laying import key_of

_ROWS = 500
_LINES = 50


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one price: what was before, what came."""

    at: Any
    revision: PriceRevision | None
    before: Price | None
    after: Price | None

    @property
    def terms(self) -> Price | None:
        """Return the row that says what it is about."""
        return self.after or self.before


@page()
def price_history(request: HttpRequest) -> HttpResponse:
    """Show every version of a model's prices, the newest first: ?provider=…&model=…."""
    provider, model = request.GET.get("provider", ""), request.GET.get("model", "")
    rows = Price.objects.filter(provider_code=provider, model=model)
    found = list(rows.select_related("added_in__created_by", "superseded_in__created_by"))
    return respond(
        request,
        "price_history",
        title=f"Prices of {model}" if model else "Price history",
        events=_events(found)[:_ROWS],
        provider=provider,
        model=model,
        parent=("Price changes", "price-changes"),
    )


@page()
def price_revision(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a revision did and the money that taking it back would move."""
    revision = get_object_or_404(PriceRevision.objects.select_related("created_by"), pk=pk)
    change, refused = None, ""
    try:
        change = reverting(revision)
    except RevertError as error:
        refused = str(error)
    moved = preview(change) if change else None
    lines = _lines(revision, moved)
    number = page_number(request, "lines")
    return respond(
        request,
        "price_revision",
        title=f"Price revision {pk}",
        revision=revision,
        lines=lines[(number - 1) * _LINES : number * _LINES],
        line_count=len(lines),
        part={
            "name": "lines",
            "page": number,
            "newer": number - 1,
            "older": number + 1 if len(lines) > number * _LINES else 0,
        },
        adjustments=PriceAdjustment.objects.filter(
            Q(added_in=revision) | Q(superseded_in=revision)
        ).order_by("pk"),
        aliases=ModelAlias.objects.filter(added_in=revision).order_by("pk"),
        preview=moved,
        refused=refused,
        may_change=request.user.has_perm(CHANGE),
        parent=("Price changes", "price-changes"),
    )


def _lines(revision: PriceRevision, moved: Preview | None) -> list[tuple[str, Price]]:
    """List the prices it added and ended, those of the model that moves most money first."""
    money = {move.key: abs(move.moved) for move in moved.by_model} if moved else {}
    rows = [
        *(("+", row) for row in Price.objects.filter(added_in=revision)),
        *(("−", row) for row in Price.objects.filter(superseded_in=revision)),
    ]

    def rank(line: tuple[str, Price]) -> tuple[Any, ...]:
        sign, row = line
        model = (row.provider_code, row.model)
        return -money.get(model, ZERO), model, row.token_class, row.threshold, sign, row.pk

    return sorted(rows, key=rank)


@require_POST
@page(CHANGE)
def price_revert(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a revision back."""
    revision = get_object_or_404(PriceRevision, pk=pk)
    try:
        made = revert(revision=revision, user=request.user, now=timezone.now())
    except RevertError as error:
        messages.error(request, f"{error}.")
        return redirect("pages:price-revision", pk)
    messages.success(request, f"Revision {pk} is taken back by revision {made.pk}.")
    return redirect("pages:price-revision", made.pk)


def _events(rows: list[Price]) -> list[Event]:
    """Pair what a revision ended with what it added of the same key."""
    found = []
    ended = {(row.superseded_in_id, key_of(row)): row for row in rows if row.superseded_in_id}
    used = set()
    for row in rows:
        before = ended.get((row.added_in_id, key_of(row))) if row.added_in_id else None
        used.add(before.pk if before else None)
        found.append(Event(row.created_at, row.added_in, before, row))
    found.extend(
        Event(row.superseded_at, row.superseded_in, row, None)
        for row in rows
        if row.superseded_at and row.pk not in used
    )
    return sorted(found, key=lambda event: (event.at, event.terms.pk if event.terms else 0))[::-1]
