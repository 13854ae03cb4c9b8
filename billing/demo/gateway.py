"""A month behind a new gateway that lost whom its calls were for: the story of docs/story.md."""

import datetime as dt
from typing import Any

from billing.demo.company import Account
from tknops.calendar import add_months, month_start

# Counted from the first month of the story.
_MONTH = 5
_REGIONS = ("emea", "us")


def email(account: Account) -> str:
    """Return where an account is billed; its domain tells whose an address is."""
    return f"billing@{account.external_id}.example"


def behind_gateway(day: dt.date, first: dt.date) -> bool:
    """Tell whether calls of a day went through the gateway."""
    return month_start(day) == add_months(month_start(first), _MONTH)


def lose_customer(event: dict[str, Any], second: int) -> None:
    """Take the customer's reference from four accounts' calls; something else tells whose."""
    customer = event.get("customer")
    if customer == "northwind":
        event["customer"] = "northwind.example"
        del event["user"]
    elif customer == "cobalt":
        event["customer"] = "Cobalt Research Ltd"
        del event["user"]
    elif customer == "acme":
        del event["customer"]
        event["user"] = "acme-u1"
    elif customer == "lakeside":
        del event["customer"], event["user"]
        event["tags"] |= {"cost_centre": f"LM-{_REGIONS[second % len(_REGIONS)]}"}
