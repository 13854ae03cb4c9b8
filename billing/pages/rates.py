"""Exchange rates: what waits for one, and which ones a month was converted by."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from billing.margin import rates_used
from billing.models import ExchangeRate
from billing.pages.access import page
from billing.pages.period import picked
from billing.pages.render import respond
from billing.reports.missing_rates import missing_rates, missing_table, used_table

_RATE = (
    "of the last published day at or before, at most 7 days back; the pair itself, else its "
    "inverse, else the cross rate through EUR, rounded half-up once to 12 decimals"
)
_DAY = (
    "revenue billed in advance: the invoice date; in arrears: the last day of service; contracted "
    "revenue and every cost: each day"
)


@page()
def exchange_rates(request: HttpRequest) -> HttpResponse:
    """Show what waits for a rate in 13 months, and the rates of the month shown."""
    month = picked(request)
    missing = missing_rates(month.chart)
    used = rates_used(month.period)
    return respond(
        request,
        "exchange_rates",
        title="Exchange rates",
        table=missing_table(missing, settings.REPORTING_CURRENCY),
        more=[used_table(used)] if used else [],
        month=month,
        has_rates=ExchangeRate.objects.exists(),
        missing_any=bool(missing),
        searchable=False,
        explained=[("Rate", _RATE), ("Day", _DAY)],
    )
