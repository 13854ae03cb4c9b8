"""Who renews soon, and whether they earn or lose money."""

import datetime as dt
from fractions import Fraction
from typing import Any

from billing.margin import MarginReport
from billing.measures import FORMULAS
from billing.models import Subscription
from billing.reports.accounts import renewal
from billing.reports.health import health
from billing.reports.mrr.book import MrrBook, decimal
from billing.reports.mrr.contracts import HELD
from billing.reports.rows import quoted
from billing.reports.table import Column, Row, Table
from billing.revenue.cycles import NORMALISED, YEAR, cycle_of

_COLUMNS = (
    Column("day", "Renews"),
    Column("days", "In days", "count"),
    Column("name", "Customer"),
    Column("plan", "Plan"),
    Column("price", "Price", help="of all seats, a term, in its currency"),
    Column(
        "mrr",
        "MRR",
        "money",
        f"its price, {NORMALISED}; at today's rate",
        adds=True,
    ),
    Column("revenue", "Revenue", "money", "of the customer in the last complete month"),
    Column("cost", "Cost of revenue", "money", FORMULAS["cost_of_revenue"]),
    Column("margin", "AI margin", "money", FORMULAS["margin"]),
    Column("margin_pct", "AI margin %", "percent", FORMULAS["margin_pct"]),
    Column("health", "Health", "badge"),
    Column("reference", "Subscription"),
)


def renewals_table(
    book: MrrBook, by_customer: MarginReport, *, today: dt.date, within: int
) -> Table:
    """List the subscriptions whose term ends within so many days, the soonest first.

    A figure of the customer stands beside each of its subscriptions: it is no sum over them.
    """
    figures = {row.key[0]: row for row in by_customer.rows}
    last = today + dt.timedelta(days=within)
    rows = []
    for one in _running(today):
        day = renewal(one, today)
        if day > last or (one.end_date and one.end_date <= day):
            continue
        monthly = Fraction(one.price) * cycle_of(one).per_year / YEAR
        rows.append(
            Row(
                {
                    "day": day.isoformat(),
                    "days": (day - today).days,
                    **_who(one, figures),
                    "plan": one.plan.name,
                    "price": f"{one.price.normalize():,f} {one.currency} per {one.every}",
                    "mrr": _converted(book, monthly, one.currency, today),
                    "reference": one.external_id,
                },
                links=_links(one),
            )
        )
    rows.sort(key=lambda row: (row.cells["day"], row.cells["name"], row.cells["reference"]))
    return Table(_COLUMNS, rows, caption="Renewals", name="renewals", sort="day")


def _running(today: dt.date) -> list[Subscription]:
    running = Subscription.objects.filter(start_date__lte=today, price__gt=0)
    running = running.exclude(end_date__lte=today).exclude(status__in=HELD)
    return list(running.select_related("billing_customer__customer", "plan").order_by("pk"))


def _who(one: Subscription, figures: dict[str, Any]) -> dict[str, Any]:
    customer = one.billing_customer.customer
    if customer is None:
        return {"name": one.billing_customer.name or one.billing_customer.external_id}
    row = figures.get(customer.external_id)
    if row is None:
        return {"name": customer.name}
    return {
        "name": customer.name,
        "revenue": row.revenue,
        "cost": row.cost_of_revenue,
        "margin": row.margin,
        "margin_pct": row.margin_pct,
        "health": health(row.margin_pct, row.revenue, row.cost_of_revenue),
    }


def _links(one: Subscription) -> dict[str, str]:
    customer = one.billing_customer.customer
    links = {"reference": f"billing/subscription/{one.pk}/change/"}
    if customer:
        links["name"] = f"customer/{quoted(customer.external_id)}"
    return links


def _converted(book: MrrBook, monthly: Fraction, code: str, day: dt.date) -> Any:
    worth = book.worth(code, day)
    return None if worth is None else decimal(monthly * worth)
