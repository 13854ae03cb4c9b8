"""The demo company's billing as a CSV file of the generic template."""

import csv
import datetime as dt
import io
from collections.abc import Iterator

from billing.demo.company import PLANS, YEARLY, Account, Term
from billing.importers.generic import COLUMNS
from tknops.calendar import add_months, month_start


def invoices(people: list[Account], *, first: dt.date, last: dt.date) -> bytes:
    """Bill each account monthly or yearly over the range, with one credit note."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    for account in people:
        if not account.trial:
            for term in account.terms:
                writer.writerows(_lines(account, term, month_start(first), last))
    writer.writerow(_credit(people[3], month_start(last)))
    return out.getvalue().encode()


def subscription_id(account: Account, term: Term) -> str:
    """Name the subscription of a term."""
    return f"sub-{account.external_id}" + (f"-{term.plan}" if len(account.terms) > 1 else "")


def starts(account: Account, term: Term, first: dt.date) -> dt.date:
    """Return the first day of a term; yearly contracts had run for three months by the first."""
    early = -3 if account.yearly and not term.start else 0
    return add_months(month_start(first), term.start + early)


def price(account: Account, term: Term) -> int:
    """Return what a term charges at a time."""
    return PLANS[term.plan] * (YEARLY if account.yearly else 1)


def _lines(account: Account, term: Term, first: dt.date, last: dt.date) -> Iterator[dict[str, str]]:
    months = 12 if account.yearly else 1
    start = starts(account, term, first)
    stop = last if term.end is None else add_months(first, term.end) - dt.timedelta(days=1)
    while start <= stop:
        end = add_months(start, months)
        number = f"INV-{account.external_id}-{start:%Y%m}"
        yield _row(account, term, number, str(price(account, term)), start, end)
        start = end


def _credit(account: Account, month: dt.date) -> dict[str, str]:
    before = add_months(month, -1)
    number = f"INV-{account.external_id}-{before:%Y%m}"
    note = f"CN-{account.external_id}-{before:%Y%m}"
    row = _row(account, account.terms[-1], note, "-40.00", before, month)
    return row | {"type": "credit", "credited_invoice_id": number}


def _row(
    account: Account, term: Term, number: str, amount: str, start: dt.date, end: dt.date
) -> dict[str, str]:
    return {
        "external_customer_id": account.external_id,
        "customer_name": account.name,
        "invoice_id": number,
        "line_id": "1",
        "plan_code": term.plan,
        "amount": amount,
        "currency": "USD",
        "tax_mode": "none",
        "service_start": start.isoformat(),
        "service_end": end.isoformat(),
        "invoice_date": start.isoformat(),
        "type": "recurring",
        "status": "paid",
        "subscription_id": subscription_id(account, term),
    }
