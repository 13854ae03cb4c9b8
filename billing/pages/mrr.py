"""MRR: what recurs, who moved it, what stayed; cohorts; who renews soon."""

import datetime as dt
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from billing.margin import margin
from billing.measures import DERIVED, NO_PLAN
from billing.models import Plan
from billing.pages import charts
from billing.pages.access import page
from billing.pages.asked import one_of
from billing.pages.closed_note import as_of_now
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.mrr import KINDS, MrrBook, margin_nrr, mrr_book, retention
from billing.reports.mrr.book import ZERO, decimal, month_ends, shown
from billing.reports.mrr.cohorts import cohorts
from billing.reports.mrr.movements import month as movements
from billing.reports.mrr.renewals import renewals_table
from billing.reports.mrr.tables import (
    cohorts_table,
    heat,
    months_table,
    movements_table,
    plans_table,
)
from billing.reports.rate_notes import converted
from billing.revenue.cycles import NORMALISED, YEAR
from tknops.calendar import last_full_month

_WITHIN = {"30": 30, "90": 90, "365": 365}
_DAYS = 90
_READ = "subscriptions are read"
_EXPLAINED = [
    (
        "MRR",
        "the price of each subscription that runs and is past its trial, " + NORMALISED,
    ),
    *((measure.label, measure.formula) for measure in DERIVED if measure.name == "margin_nrr"),
]


@page()
def mrr(request: HttpRequest) -> HttpResponse:
    """Show 13 months, the movements of the one picked (of one ?kind=) and MRR by plan."""
    month, book = picked(request), mrr_book()
    ends = month_ends(month.chart)
    days = [_before(ends[0]), *ends]
    months = [movements(book, opened, closed) for opened, closed in zip(days, ends, strict=False)]
    retained = {end: retention(book, end) for end in ends}
    kind = one_of(request, "kind", KINDS)
    last, stayed = months[-1], retained[ends[-1]]
    names = dict(Plan.objects.values_list("code", "name"))
    return respond(
        request,
        "mrr",
        title="MRR",
        table=months_table(months, retained),
        more=[movements_table(last, kind), plans_table(book, days[-2], days[-1], names)],
        month=month,
        strip=[
            *strip(margin(by=["customer"], period=month.period)),
            *as_of_now(month.chart, _READ),
        ],
        nothing=not book.accounts,
        searchable=False,
        facts={
            "mrr": decimal(last.closing),
            "arr": decimal(last.closing * YEAR),
            "change": decimal(last.closing - last.opening),
            "accounts": last.accounts,
            "nrr": stayed.nrr,
            "grr": stayed.grr,
            "margin_nrr": margin_nrr(stayed.cohort, ends[-1]),
            "cohort": len(stayed.cohort),
        },
        kind=kind,
        kinds=KINDS,
        left_out=_left_out(book, ends[-1]),
        rates=_rates(book, days[-2:]),
        chart=charts.stacked_series(
            [f"{end:%Y-%m}" for end in ends], _by_plan(book, ends, names), title="MRR by plan"
        ),
        explained=_EXPLAINED,
    )


@page()
def mrr_cohorts(request: HttpRequest) -> HttpResponse:
    """Show what is left of the MRR of accounts by the month they began."""
    month, book = picked(request), mrr_book()
    ends = month_ends(month.chart)
    found = cohorts(book, ends)
    series: dict[str, list[Decimal | None]] = {
        f"{one.began:%b %Y}": [None] * (len(ends) - len(one.mrr)) + [decimal(m) for m in one.mrr]
        for one in found
    }
    return respond(
        request,
        "mrr_cohorts",
        title="MRR cohorts",
        table=cohorts_table(found),
        month=month,
        strip=[
            *strip(margin(by=["customer"], period=month.period)),
            *as_of_now(month.chart, _READ),
        ],
        nothing=not found,
        searchable=False,
        rows=heat(found),
        steps=range(1, max((len(one.mrr) for one in found), default=1)),
        rates=_rates(book, [ends[-1]]),
        chart=charts.stacked_series(
            [f"{end:%Y-%m}" for end in ends], series, title="MRR by the month accounts began"
        ),
        parent=("MRR", "mrr"),
    )


@page()
def renewals(request: HttpRequest) -> HttpResponse:
    """Show the terms that end within ?days=, with the customer's last complete month beside."""
    today = timezone.localdate()
    within = _WITHIN.get(one_of(request, "days", list(_WITHIN)), _DAYS)
    complete = last_full_month(today)
    by_customer = margin(by=["customer"], period=complete)
    table = renewals_table(mrr_book(), by_customer, today=today, within=within)
    return respond(
        request,
        "renewals",
        title="Renewals",
        table=table,
        strip=strip(by_customer),
        within=within,
        choices=list(_WITHIN),
        complete=f"{complete.start:%B %Y}",
        parent=("MRR", "mrr"),
    )


def _before(end: dt.date) -> dt.date:
    return end.replace(day=1) - dt.timedelta(days=1)


def _left_out(book: MrrBook, day: dt.date) -> str:
    return ", ".join(
        f"{shown(amount)} {code}" for code, amount in sorted(book.unconverted(day).items())
    )


def _rates(book: MrrBook, days: list[dt.date]) -> str:
    rates = book.rates(days)
    return converted(rates) if rates else ""


def _by_plan(
    book: MrrBook, ends: list[dt.date], names: dict[str, str]
) -> dict[str, list[Decimal | None]]:
    months = [book.by_plan(end) for end in ends]
    plans = sorted({plan for one in months for plan in one})
    return {
        names.get(plan, plan) or NO_PLAN: [
            decimal(sum(one[plan].values(), ZERO)) if plan in one else None for one in months
        ]
        for plan in plans
    }
