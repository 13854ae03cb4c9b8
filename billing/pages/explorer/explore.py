"""The explorer: pick dimensions, measures, filters and a period; table and chart answer."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from billing.explorer import Exploration, WrongQuestionError, parse
from billing.explorer.about import about, attributes_text
from billing.explorer.chart import chart
from billing.explorer.figures import OFFERED
from billing.explorer.grid import Grid, explore
from billing.explorer.spans import Span, bounded
from billing.explorer.suggestions import groups, key_of, values
from billing.explorer.table import table
from billing.margin import TooManyRowsError, margin
from billing.measures import COST_BASES, UnknownDimensionError, dimension
from billing.pages.access import page
from billing.pages.explorer.form import filter_chips, form, splits
from billing.pages.explorer.saved import opened
from billing.pages.missing import Missing, missing
from billing.pages.months import is_first_month, newest_usage
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.templatetags.money import money
from tknops.money import minor_digits


@page()
def explorer(request: HttpRequest) -> HttpResponse:
    """Answer the question in the address, all of it; a wrong one with a sentence."""
    lists = _with_first_month(dict(request.GET.lists()))
    try:
        asked = _with_new_filter(request, parse(lists, today=timezone.localdate()))
        if "go" in request.GET:
            return redirect(_address(request, asked))
        grid = explore(asked)
    except (WrongQuestionError, TooManyRowsError) as error:
        return wrong(request, str(error))
    return _respond(request, asked, grid)


def _with_first_month(lists: dict[str, list[str]]) -> dict[str, list[str]]:
    """Ask for the running month where no period is asked for and all begins in it."""
    today = timezone.localdate()
    if {"period", "from", "to"} & lists.keys() or not is_first_month(today):
        return lists
    return {**lists, "from": [f"{today:%Y-%m}"]}


def _respond(request: HttpRequest, asked: Exploration, grid: Grid) -> HttpResponse:
    digits = minor_digits(settings.REPORTING_CURRENCY)
    file = request.GET.get("format") in {"csv", "xlsx"}
    shown = table(grid, link=cell_address, digits=digits, rounding=not file)
    dimensions = groups()
    return respond(
        request,
        "explorer",
        title="Explorer",
        table=shown,
        searchable=False,
        asked=asked,
        view=opened(request),
        form=form(asked, dimensions),
        drills=splits(asked, dimensions),
        narrow=_narrow(grid),
        unfiltered=replace(asked, filters={}).query,
        span=asked.span.label,
        basis=COST_BASES[asked.basis],
        attributes=attributes_text(asked),
        against=Span(asked.before).label if asked.before else "",
        filters=filter_chips(asked, request.path),
        strip=strip(margin(by=["customer"], period=asked.span.period, basis=asked.basis)),
        chart=chart(grid),
        empty=grid.is_empty,
        missing=_missing(request, asked) if grid.is_empty else None,
        about=about(grid),
        words=[f"{asked.span.period.start}", f"{asked.span.period.end}"],
        call=asked.as_call,
        counted=[
            (OFFERED[one].measure.label, OFFERED[one].measure.formula) for one in asked.measures
        ],
    )


def _missing(request: HttpRequest, asked: Exploration) -> Missing:
    """Lead to the newest usage where it lies outside the period."""
    newest = newest_usage(timezone.localdate())
    if newest is None or asked.span.period.start <= newest < asked.span.period.end:
        return missing(request.user, None)
    month = f"{newest:%Y-%m}"
    return Missing(
        f"No call and no revenue fall into {asked.span.label}; "
        f"the newest usage is of {newest:%B %Y}.",
        f"Show {newest:%B %Y}",
        f"?{replace(asked, span=bounded(month, month)).query}",
    )


def _narrow(grid: Grid) -> tuple[int, str] | None:
    """Say how many columns stand alone where others stand together."""
    others = any(line.others for line in grid.columns)
    alone = sum(1 for line in grid.columns if not line.others)
    return (alone, OFFERED[grid.asked.measures[0]].measure.label) if others else None


def wrong(request: HttpRequest, problem: str) -> HttpResponse:
    """Say what is wrong beside the form of the question nothing was asked in."""
    asked = parse({}, today=timezone.localdate())
    answer = respond(
        request,
        "explorer",
        title="Explorer",
        searchable=False,
        asked=asked,
        form=form(asked, groups()),
        span=asked.span.label,
        problem=problem,
    )
    answer.status_code = 400
    return answer


def cell_address(asked: Exploration) -> str:
    """Return the page of a cell; a question of rows is one of the explorer itself."""
    name = "explorer" if asked.rows or asked.column else "explorer-cell"
    return f"{reverse(f'pages:{name}')}?{asked.query}"


def _address(request: HttpRequest, asked: Exploration) -> str:
    view = opened(request)
    return f"{request.path}?{asked.query}{f'&view={view.pk}' if view else ''}"


def _with_new_filter(request: HttpRequest, asked: Exploration) -> Exploration:
    """Add ?filter=customer&value=Acme to the question; the value may be a key or a name.

    Raises WrongQuestionError.
    """
    name, text = request.GET.get("filter", ""), request.GET.get("value", "").strip()
    if not (name and text):
        return asked
    try:
        key = key_of(dimension(name).name, text, asked.span.period)
    except UnknownDimensionError as error:
        message = f"filter: {error}"
        raise WrongQuestionError(message) from error
    had = asked.filters.get(name, ())
    query = dict(request.GET.lists())
    query.pop("filter")
    return parse({**query, name: [*had, key]}, today=timezone.localdate())


@page()
def suggested(request: HttpRequest) -> HttpResponse:
    """Suggest values of ?filter=customer within the question's period, the dearest first."""
    lists = {k: v for k, v in request.GET.lists() if k in {"period", "from", "to"}}
    try:
        span = parse(lists, today=timezone.localdate()).span
        of = dimension(request.GET.get("filter", "")).name
    except ValueError as error:
        return JsonResponse({"detail": str(error)}, status=400)
    found = values(of, span.period, text=request.GET.get("value", ""))
    rows = [
        {"key": one.key, "label": one.label, "money": _said(one.cost, one.revenue)} for one in found
    ]
    return JsonResponse({"values": rows})


def _said(cost: Decimal | None, revenue: Decimal | None) -> Any:
    parts = [f"cost {money(cost)}"]
    if revenue is not None:
        parts.append(f"revenue {money(revenue)}")
    return ", ".join(parts)
