"""The demo company's billing as a CSV file of the generic template."""

import csv
import datetime as dt
import io
from collections.abc import Iterator

from billing.demo.company import PLANS, Account
from billing.importers.generic import COLUMNS
from tknops.calendar import add_months, month_start


def invoices(people: list[Account], *, first: dt.date, last: dt.date) -> bytes:
    """Bill each account monthly or yearly over the range, with one credit note."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    for account in people:
        if not account.trial:
            writer.writerows(_lines(account, month_start(first), last))
    writer.writerow(_credit(people[3], month_start(last)))
    return out.getvalue().encode()


def _lines(account: Account, first: dt.date, last: dt.date) -> Iterator[dict[str, str]]:
    months = 12 if account.yearly else 1
    start = add_months(first, -3) if account.yearly else first
    while start <= last:
        end = add_months(start, months)
        price = PLANS[account.plan] * (10 if account.yearly else 1)
        yield _row(account, f"INV-{account.external_id}-{start:%Y%m}", str(price), start, end)
        start = end


def _credit(account: Account, month: dt.date) -> dict[str, str]:
    before = add_months(month, -1)
    number = f"INV-{account.external_id}-{before:%Y%m}"
    row = _row(account, f"CN-{account.external_id}-{before:%Y%m}", "-40.00", before, month)
    return row | {"type": "credit", "credited_invoice_id": number}


def _row(
    account: Account, number: str, amount: str, start: dt.date, end: dt.date
) -> dict[str, str]:
    return {
        "external_customer_id": account.external_id,
        "customer_name": account.name,
        "invoice_id": number,
        "line_id": "1",
        "plan_code": account.plan,
        "amount": amount,
        "currency": "USD",
        "tax_mode": "none",
        "service_start": start.isoformat(),
        "service_end": end.isoformat(),
        "invoice_date": start.isoformat(),
        "type": "recurring",
        "status": "paid",
        "subscription_id": f"sub-{account.external_id}",
    }
