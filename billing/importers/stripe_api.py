"""Stripe's API objects: integer minor units, instants in seconds, fields by their current place.

Amounts of invoice lines are before discounts and without exclusive tax: revenue = amount −
discounts − inclusive tax. Proration comes as lines of its own, each with its period and sign.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from billing.importers.cells import CellError
from billing.importers.records import (
    CustomerRecord,
    LeftOut,
    LineRecord,
    Record,
    SubscriptionRecord,
)
from billing.importers.stripe import STATUSES, charged_every
from tknops.money import EXACT, THREE_DECIMAL, minor_digits

Object = dict[str, Any]
_DAY = dt.timedelta(days=1)
# The API has decimals where the currency has none any more; the last two digits are 0.
_API_DIGITS = {"UGX": 2}
_ITEMS = ("subscription_item_details", "invoice_item_details")


def read(found: Object) -> Iterator[Record]:
    """Read an object by what it says it is. Raises CellError."""
    kind = found.get("object")
    if kind == "invoice":
        yield from _invoice(found)
    elif kind in {"line_item", "invoicelineitem"}:
        yield _line(found, {"id": _text(found, "invoice")})
    elif kind == "subscription":
        yield _subscription(found)
    elif kind == "customer":
        yield CustomerRecord(_text(found, "id"), found.get("name") or "", found.get("email") or "")
    else:
        message = f"object {kind!r} is none of invoice, line_item, subscription, customer"
        raise CellError(message)


def _invoice(found: Object) -> Iterator[Record]:
    lines = (found.get("lines") or {}).get("data")
    if not lines:
        message = f"invoice {found.get('id')!r} comes without its lines: list it with them"
        raise CellError(message)
    if found["lines"].get("has_more"):
        message = f"invoice {found.get('id')!r} has more lines than come with it: list them all"
        raise CellError(message)
    for line in lines:
        yield _line(line, found)


def _line(found: Object, invoice: Object) -> LineRecord:
    """Read a line; of an invoice that is not beside it only the id is known here."""
    code = _currency(found)
    owner = invoice.get("customer")
    start, end = (_day(found.get("period") or {}, name) for name in ("start", "end"))
    amount = _minor(found, "amount", code) - sum(_lowering(found, code))
    parent = found.get("parent") or {}
    details: Object = next((parent[name] for name in _ITEMS if parent.get(name)), {})
    subscription = details.get("subscription") or found.get("subscription") or ""
    issued = invoice.get("created") or (invoice.get("status_transitions") or {}).get("finalized_at")
    return LineRecord(
        invoice_id=_text(invoice, "id"),
        line_id=_text(found, "id"),
        number=invoice.get("number") or "",
        customer=_customer(owner, invoice),
        invoice_date=_instant(issued, "created") if issued else start,
        currency=code,
        status=_status(invoice) if owner else "",
        amount_minor=amount,
        service_start=start,
        service_end=end if end > start else start + _DAY,
        kind=_kind(found, bool(subscription), details),
        plan=_plan(found),
        subscription=_id(subscription),
        description=found.get("description") or "",
    )


def _kind(found: Object, of_subscription: bool, details: Object) -> str:  # noqa: FBT001
    price = found.get("price") or found.get("plan") or {}
    metered = (price.get("recurring") or price).get("usage_type") == "metered"
    if metered:
        return "USAGE"
    prorated = details.get("proration") or found.get("proration")
    return "RECURRING" if of_subscription or prorated else "ONE_TIME"


def _lowering(found: Object, code: str) -> Iterator[int]:
    for discount in found.get("discount_amounts") or ():
        yield _minor(discount, "amount", code)
    for tax in found.get("taxes") or found.get("tax_amounts") or ():
        if tax.get("tax_behavior") == "inclusive" or tax.get("inclusive") is True:
            yield _minor(tax, "amount", code)


def _status(invoice: Object) -> str:
    status = invoice.get("status")
    if status not in STATUSES:
        message = f"invoice status {status!r} is not one of {', '.join(STATUSES)}"
        raise CellError(message)
    return STATUSES[status]


def _customer(owner: Any, about: Object) -> CustomerRecord:
    """Return whose it is; the object itself may have been asked for, or its id."""
    if not owner:
        return CustomerRecord("")
    if isinstance(owner, dict):
        about = {"customer_name": owner.get("name"), "customer_email": owner.get("email")}
    return CustomerRecord(
        _id(owner), about.get("customer_name") or "", about.get("customer_email") or ""
    )


def _subscription(found: Object) -> SubscriptionRecord | LeftOut:
    """Read a subscription: the sum of its items with a price, each times its quantity."""
    items = [one for one in (found.get("items") or {}).get("data", []) if _price(one)]
    if not items:
        message = f"subscription {found.get('id')!r} comes without items"
        raise CellError(message)
    code = _currency(_price(items[0]))
    cycles = {_charged(one) for one in items}
    if len(cycles) > 1:
        return LeftOut("subscriptions of items billed at several intervals: their invoices count")
    interval, count = cycles.pop()
    ends = [one["current_period_end"] for one in (*items, found) if one.get("current_period_end")]
    return SubscriptionRecord(
        external_id=_text(found, "id"),
        customer=_customer(found.get("customer"), {}),
        plan=_plan(items[0]),
        price=sum((_item_price(one, code) for one in items), Decimal(0)),
        currency=code,
        interval=interval,
        interval_count=count,
        quantity=max(_seats(one) for one in items),
        status=_text(found, "status"),
        start_date=_day(found, "start_date"),
        trial_end_date=_day(found, "trial_end") if found.get("trial_end") else None,
        end_date=_day(found, "ended_at") if found.get("ended_at") else None,
        renews_date=_instant(max(ends), "current_period_end") if ends else None,
    )


def _price(item: Object) -> Object:
    return item.get("price") or item.get("plan") or {}


def _item_price(item: Object, code: str) -> Decimal:
    price = _price(item)
    stated = price.get("unit_amount_decimal") or price.get("amount_decimal")
    stated = stated or price.get("unit_amount") or price.get("amount") or 0
    if (price.get("recurring") or price).get("usage_type") == "metered":
        return Decimal(0)  # billed by usage, nothing is agreed beforehand
    unit = Decimal(str(stated)).scaleb(-_digits(code), context=EXACT)
    return EXACT.multiply(unit, Decimal(_seats(item)))


def _charged(item: Object) -> tuple[str, int]:
    recurring = _price(item).get("recurring") or _price(item)
    return charged_every(recurring.get("interval"), recurring.get("interval_count") or 1)


def _seats(item: Object) -> int:
    seats = item.get("quantity")
    return 1 if seats is None else int(seats)


def _plan(found: Object) -> str:
    """Return the price's own name: a nickname or look-up key, else its product's or its id."""
    price = _price(found)
    named = price.get("nickname") or price.get("lookup_key") or price.get("product")
    details = (found.get("pricing") or {}).get("price_details") or {}
    return _id(named or details.get("product") or details.get("price") or price.get("id") or "")


def _digits(code: str) -> int:
    return _API_DIGITS.get(code, minor_digits(code))


def _minor(found: Object, name: str, code: str) -> int:
    """Return an amount in our minor units. Raises CellError if it is none Stripe can have sent."""
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        message = f"{name!r} is {value!r}, not an integer of minor units"
        raise CellError(message, code="minor_units")
    unit = 10 if code in THREE_DECIMAL else 10 ** (_digits(code) - minor_digits(code))
    if value % unit:
        message = f"{name!r}: {value} {code} is no multiple of {unit}, as Stripe's amounts are"
        raise CellError(message, code="minor_units")
    return value if code in THREE_DECIMAL else value // unit


def _currency(found: Object) -> str:
    code = str(found.get("currency") or "").upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        message = f"'currency' is {found.get('currency')!r}, not a code like usd"
        raise CellError(message)
    return code


def _id(value: Any) -> str:
    return str(value.get("id") or "") if isinstance(value, dict) else str(value)


def _text(found: Object, name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        message = f"{name!r} is missing"
        raise CellError(message)
    return value


def _day(found: Object, name: str) -> dt.date:
    return _instant(found.get(name), name)


def _instant(seconds: Any, name: str) -> dt.date:
    try:
        return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).date()
    except (TypeError, ValueError, OverflowError, OSError):
        message = f"{name!r} is {seconds!r}, not an instant in seconds since 1970"
        raise CellError(message) from None
