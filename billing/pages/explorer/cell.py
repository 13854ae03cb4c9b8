"""One figure: what it is of, what it may be split by, and the events it is made from."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from billing.explorer import Exploration, WrongQuestionError, parse
from billing.explorer.events import EventPage, EventRow, events_of
from billing.explorer.figures import OFFERED, Figures
from billing.explorer.suggestions import groups
from billing.margin.rendering import as_text
from billing.measures import MEASURES
from billing.pages.access import page
from billing.pages.explorer.explore import wrong
from billing.pages.explorer.form import filter_chips, splits
from billing.pages.paging import page_number
from billing.pages.render import respond
from billing.templatetags.money import shown

_LABELS = {one.name: one.label.removesuffix(" tokens") for one in MEASURES}


@page()
def cell(request: HttpRequest) -> HttpResponse:
    """Show a figure, the dimensions left to split it by, and its events newest first."""
    try:
        asked = parse(dict(request.GET.lists()), today=timezone.localdate())
    except WrongQuestionError as error:
        return wrong(request, str(error))
    number = page_number(request, "events")
    found = events_of(period=asked.span.period, filters=asked.filters, page=number)
    return respond(
        request,
        "explorer_cell",
        title="Figure",
        searchable=False,
        span=asked.span.label,
        filters=filter_chips(asked, request.path),
        drills=[(f"{_explorer(asked)}&rows={key}", text) for key, text in splits(asked, groups())],
        figures=_figures(asked, found),
        events=[_shown(row) for row in found.rows],
        found=found,
        page_cost=as_text(found.cost),
        total_cost=as_text(found.total.cost),
        number=number,
        newer=_turned(asked, number - 1) if number > 1 else "",
        older=_turned(asked, number + 1) if found.older else "",
        parent=_explorer(asked),
    )


def _explorer(asked: Exploration) -> str:
    return f"{reverse('pages:explorer')}?{asked.query}"


def _turned(asked: Exploration, number: int) -> str:
    return f"?{asked.query}&{urlencode({'events': number})}#tk-events"


def _figures(asked: Exploration, found: EventPage) -> list[tuple[str, str, str]]:
    """Label, value and formula of each measure; who used it is not asked again here."""
    return [
        (one.measure.label, shown(one.value(Figures(found.total)), one.kind), one.measure.formula)
        for one in (OFFERED[name] for name in asked.measures)
        if not one.needs_users
    ]


def _shown(row: EventRow) -> dict[str, Any]:
    return {
        "at": row.occurred_at,
        "key": row.key if not row.line else f"{row.key}, line {row.line}",
        **row.shown,
        "quantities": [(_LABELS[name], f"{count:,}") for name, count in row.quantities.items()],
        "prices": [(_LABELS[name], as_text(price)) for name, price in row.prices.items()],
        "unpriced": ", ".join(_LABELS[name] for name in row.unpriced),
        "cost": as_text(row.cost),
    }
