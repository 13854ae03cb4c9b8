"""Deferred revenue: the roll-forward of a currency by month, its accounts, what lacks a note."""

import re
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from billing.margin import deferred as roll_forward
from billing.margin import margin
from billing.models import BillingCustomer
from billing.pages import charts
from billing.pages.access import page
from billing.pages.closed_note import as_of_now
from billing.pages.filters import Chip, Choice
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.deferred import (
    accounts_table,
    currencies,
    figures,
    lines_table,
    months_table,
)
from billing.reports.lowered import bad_debt_table, contra_table, split_table
from billing.reports.table import Table
from billing.revenue import RollForward
from billing.revenue.deferred import Month
from billing.templatetags.money import symbol
from tknops.calendar import grain_key

_SHOWN = 200
_NUMBER = re.compile(r"[0-9]{1,18}")
_EXPLAINED = [
    ("Deferred revenue", "invoiced − recognised, per line; it reaches 0 at the end of its service"),
    ("Contracted and accrued", "not invoiced, so no part of it; the customer page shows them"),
    (
        "Contra-revenue",
        "lowers revenue on its date; where a credit note comes, the note takes its place",
    ),
]


@page()
def deferred(request: HttpRequest) -> HttpResponse:
    """Show one currency, ?currency=; ?account= one billing customer; ?month= whose accounts."""
    month = picked(request)
    roll = roll_forward(month.chart)
    codes = currencies(roll)
    currency = _chosen(request, codes)
    account = _account(request)
    months = roll.read((currency, account.pk)) if account else roll.total(currency)
    more = (
        [lines_table(month.period, account.pk, currency)]
        if account
        else [*_lists(month, currency), _accounts(request, roll, currency)]
    )
    chips = [Chip("account", "Account", str(account))] if account else []
    return respond(
        request,
        "deferred",
        title="Deferred revenue",
        table=months_table(roll, months, currency, _link(account, currency)),
        more=more,
        month=month,
        strip=[
            *strip(margin(by=["customer"], period=month.period)),
            *as_of_now(month.chart, "invoices and what is earned of them are read"),
        ],
        currency=currency,
        empty=not codes,
        searchable=False,
        selects=[
            Choice("currency", "Currency", currency, [(code, code) for code in codes], "Currency")
        ],
        chips=chips,
        words=[currency],
        chart=_chart(roll, months, currency),
        explained=_EXPLAINED,
    )


def _chosen(request: HttpRequest, codes: list[str]) -> str:
    asked = request.GET.get("currency", "")
    if asked in codes:
        return asked
    reporting: str = settings.REPORTING_CURRENCY
    return reporting if reporting in codes or not codes else codes[0]


def _account(request: HttpRequest) -> BillingCustomer | None:
    number = request.GET.get("account", "")
    if not number:
        return None
    key = int(number) if _NUMBER.fullmatch(number) else 0
    return get_object_or_404(BillingCustomer, pk=key)


def _link(account: BillingCustomer | None, currency: str) -> str:
    own = f"&account={account.pk}" if account else ""
    return f"deferred?month={{}}&currency={currency}{own}"


def _lists(month: Picked, currency: str) -> list[Table]:
    """Show what lowers revenue or was split, where there is any."""
    lists = (
        contra_table(month.chart, currency),
        bad_debt_table(month.period, currency),
        split_table(month.period, currency),
    )
    return [one for one in lists if one.rows]


def _accounts(request: HttpRequest, roll: RollForward, currency: str) -> Table:
    """Show the accounts of the month, a file all of them."""
    table = accounts_table(roll, currency, len(roll.months) - 1)
    if request.GET.get("format") or len(table.rows) <= _SHOWN:
        return table
    note = f"The largest {_SHOWN:,} of {len(table.rows):,}; the file holds all."
    return replace(table.window(0, _SHOWN), note=note)


def _chart(roll: RollForward, months: list[Month], currency: str) -> dict[str, Any]:
    keys = [grain_key("month", period.start) for period in roll.months]
    cells = [figures(month, currency) for month in months]
    series = {"Deferred revenue": [cell["deferred"] for cell in cells]}
    if any(cell["unbilled"] for cell in cells):
        series["Not yet invoiced"] = [-cell["unbilled"] for cell in cells]
    title = "Deferred revenue at the end of each month"
    return {
        **charts.stacked_series(keys, series, title=title),
        "currency": currency,
        "symbol": symbol(currency),
    }
