"""Overview: what the month kept, who lost it, which customers to act on."""

from django.http import HttpRequest, HttpResponse

from billing.margin import MarginReport, margin
from billing.pages import charts
from billing.pages.access import page
from billing.pages.customers import customer_table
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.customers import loss_on_paying
from billing.reports.rows import change
from billing.reports.table import Table
from billing.templatetags.money import money, percent, points

_TO_ACT_ON = 5


@page()
def overview(request: HttpRequest) -> HttpResponse:
    """Show the month in a sentence, four tiles, the chart and five customers."""
    month = picked(request)
    now = margin(by=["customer"], period=month.period)
    before = margin(by=["customer"], period=month.before)
    months = margin(by=["month"], period=month.chart)
    table = customer_table(now, before, month)
    worst = Table(table.columns, table.rows[:_TO_ACT_ON], caption="Customers to act on")
    losing, loss = loss_on_paying(now)
    delta = change(now.total, before.total)
    return respond(
        request,
        "overview",
        title="Overview",
        table=worst,
        month=month,
        strip=strip(now),
        empty=not (now.total.events or now.total.revenue or months.rows),
        sentence=_sentence(now, month, losing, delta),
        chart=charts.monthly(months, month.chart),
        tiles=[
            ("Revenue", money(now.total.revenue), now.basis),
            ("AI cost", money(now.total.cost), "list and contracted prices"),
            ("AI margin %", percent(now.total.margin_pct), points(delta)),
            ("Loss on paying customers", money(loss), f"{losing} customers"),
        ],
    )


def _sentence(now: MarginReport, month: Picked, losing: int, delta: object) -> str:
    total = now.total
    text = (
        f"{month.label} kept {money(total.margin)} of {money(total.revenue)} after AI cost "
        f"({percent(total.margin_pct)}"
    )
    text += f", {points(delta)})" if delta is not None else ")"  # type: ignore[arg-type]
    _, loss = loss_on_paying(now)
    return f"{text}; {losing} paying customers lost {money(loss)}." if losing else f"{text}."
