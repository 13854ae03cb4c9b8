"""Deferred revenue as tables: the roll-forward by month and by account, open lines."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from billing.models import BillingCustomer, Invoice
from billing.reports.table import Column, Row, Table
from billing.revenue import RollForward
from billing.revenue.deferred import Month, open_lines
from billing.revenue.rules import BAD_DEBT
from tknops.calendar import Period, grain_key
from tknops.money import minor_digits

FIGURES = (
    Column("opening", "Opening", "money", "closing of the month before", adds=True),
    Column("invoiced", "Invoiced", "money", "invoice lines and credit notes issued", adds=True),
    Column(
        "recognised",
        "Recognised",
        "money",
        "what the lines earn by their service period, credit notes included",
        adds=True,
    ),
    Column("bad_debt", "Bad debt", "money", "the same of uncollectible invoices", adds=True),
    Column("closing", "Closing", "money", "opening + invoiced − recognised − bad debt", adds=True),
    Column(
        "unbilled",
        "Not yet invoiced",
        "money",
        "recognised before its invoice, such as usage: a claim within the closing",
        adds=True,
    ),
    Column(
        "deferred", "Deferred revenue", "money", "closing + not yet invoiced: still owed", adds=True
    ),
    Column(
        "contra",
        "Contra-revenue",
        "money",
        "refunds and disputes without a credit note, at their date; never deferred",
        adds=True,
    ),
    Column("revenue", "Revenue, invoiced", "money", "recognised + contra-revenue", adds=True),
)


def currencies(roll: RollForward) -> list[str]:
    """List the currencies there are accounts in."""
    return sorted({code for code, _ in roll.by_key})


def months_table(roll: RollForward, months: Sequence[Month], currency: str, link: str) -> Table:
    """Show each month, newest first; a row leads to its accounts."""
    rows = []
    for period, month in zip(roll.months, months, strict=True):
        key = grain_key("month", period.start)
        cells = {"month": f"{period.start:%B %Y}", **figures(month, currency)}
        rows.append(Row(cells, link.format(key)))
    return Table(
        (Column("month", "Month"), *FIGURES),
        rows[::-1],
        caption="Roll-forward by month",
        name="months",
        currency=currency,
    )


def accounts_table(roll: RollForward, currency: str, n: int) -> Table:
    """Show each account in one month, the largest closing first."""
    found = {
        account: months[n]
        for (code, account), months in roll.by_key.items()
        if code == currency and not months[n].empty
    }
    names = account_names(found)
    rows = [
        Row(
            {"account": names[account], **figures(month, currency)},
            f"deferred?account={account}&currency={currency}",
        )
        for account, month in sorted(found.items(), key=lambda one: (-one[1].closing, one[0]))
    ]
    total = Row({"account": "Total", **figures(roll.total(currency)[n], currency)})
    caption = f"By account, {roll.months[n].start:%B %Y}"
    columns = (Column("account", "Account"), *FIGURES)
    return Table(columns, rows, total, caption=caption, name="accounts", currency=currency)


def lines_table(period: Period, account: int, currency: str) -> Table:
    """Show the lines of an account that something is left of at the end of a period."""
    found = [one for one in open_lines(period.end, account) if one[0].currency == currency]
    numbers = _numbers([stream.invoice_id for stream, _ in found if stream.invoice_id])
    rows = [
        Row(
            {
                "invoice": numbers.get(stream.invoice_id or 0, ""),
                "plan": stream.plan or "",
                "kind": stream.kind if stream.kind == BAD_DEBT or not stream.method else
                f"{stream.kind}, {stream.method}",
                "service": f"{stream.service.start} – {stream.service.end}",
                "net": major(stream.amount_minor, currency),
                "left": major(left, currency),
            },
            f"billing/invoice/{stream.invoice_id}/change/",
        )
        for stream, left in found
    ]  # fmt: skip
    columns = (
        Column("invoice", "Invoice"),
        Column("plan", "Plan"),
        Column("kind", "Kind"),
        Column("service", "Earned on (end exclusive)"),
        Column("net", "Net of tax", "money"),
        Column("left", "Left to earn", "money", "invoiced − recognised of the line", adds=True),
    )
    total = Row({"invoice": "Total", "left": major(sum(left for _, left in found), currency)})
    caption = f"Lines open at the end of {period.start:%B %Y}"
    return Table(columns, rows, total, caption=caption, name="lines", currency=currency)


def figures(month: Month, currency: str) -> dict[str, Decimal]:
    """Return a month's cells, in units of the currency."""
    found = {
        name: getattr(month, name)
        for name in (
            "opening", "invoiced", "recognised", "bad_debt", "closing", "unbilled", "deferred",
            "contra",
        )
    }  # fmt: skip
    found["revenue"] = month.recognised + month.contra
    return {name: major(minor, currency) for name, minor in found.items()}


def major(minor: int, currency: str) -> Decimal:
    """Return minor units as an amount."""
    return Decimal(minor).scaleb(-minor_digits(currency))


def account_names(accounts: Mapping[int, object] | Sequence[int]) -> dict[int, str]:
    """Return the shown name of each billing customer."""
    found = BillingCustomer.objects.filter(pk__in=list(accounts)).select_related("customer")
    return {one.pk: one.customer.name if one.customer else str(one) for one in found}


def _numbers(invoices: Sequence[int]) -> dict[int, str]:
    return {one.pk: str(one) for one in Invoice.objects.filter(pk__in=invoices)}
