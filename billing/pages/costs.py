"""Features and models: pages about cost; a flat fee has no feature and no model."""

from django.http import HttpRequest, HttpResponse

from billing.margin import margin
from billing.pages import charts
from billing.pages.access import page
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.breakdown import cost_table
from billing.reports.table import Column

_NOTE = "AI cost only: a flat fee has no {} to split revenue by."


@page()
def features(request: HttpRequest) -> HttpResponse:
    """Show cost by feature."""
    return _costs(request, "Features (cost)", ["feature"], ())


@page()
def models(request: HttpRequest) -> HttpResponse:
    """Show cost by model, with tokens and the cache's share."""
    extra = (Column("tokens", "Tokens", "count"), Column("cache_rate", "Cache rate", "percent"))
    return _costs(request, "Models (cost)", ["model", "provider"], extra)


def _costs(
    request: HttpRequest, title: str, by: list[str], extra: tuple[Column, ...]
) -> HttpResponse:
    month = picked(request)
    now = margin(by=by, period=month.period)
    table = cost_table(now, margin(by=by, period=month.before), extra=extra)
    return respond(
        request,
        "page",
        title=title,
        table=table,
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        empty=not table.rows,
        chart=charts.stacked(margin(by=[by[0], "month"], period=month.chart), month.chart),
        note=_NOTE.format(by[0]),
    )
