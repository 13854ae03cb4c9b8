"""Anthropic's cost and usage reports. Amounts are decimal strings in CENTS: "123.45" is $1.23.

Source: platform.claude.com, usage and cost API. Cost of the priority tier is not in the report.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from billing.importers.cells import CellError
from billing.models import ProviderInvoice
from billing.provider_bills.bill_line import BillLine, counted, money, month_and_day, utc
from tknops.money import minor_digits
from usage.tokens import UNITS

PROVIDER = "anthropic"
_CLASSES = {
    "uncached_input_tokens": "input_tokens",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cache_read_input_tokens": "cache_read_tokens",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_tokens",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h_tokens",
}
_SEARCH = "web_search"


def bucket(found: dict[str, Any]) -> tuple[dt.date, dt.date | None]:
    """Return the month and the UTC day of a bucket. Raises CellError."""
    start = utc(found.get("starting_at"), "starting_at")
    end = found.get("ending_at")
    return month_and_day(start, utc(end, "ending_at") if end else start)


def lines(
    result: dict[str, Any], when: tuple[dt.date, dt.date | None], reference: str
) -> Iterator[BillLine]:
    """Yield the lines of one result. Raises CellError."""
    if "amount" in result:
        yield _cost(result, when, reference)
    else:
        yield from _usage(result, when, reference)


def _cost(result: dict[str, Any], when: tuple[dt.date, dt.date | None], reference: str) -> BillLine:
    currency = str(result.get("currency") or "").upper()
    if len(currency) != len("USD") or not currency.isalpha():
        message = f"currency: {currency!r} is not a currency code like USD"
        raise CellError(message)
    kind = str(result.get("cost_type") or "")
    model = str(result.get("model") or "")
    return BillLine(
        provider=PROVIDER,
        month=when[0],
        day=when[1],
        currency=currency,
        source=ProviderInvoice.Source.ANTHROPIC_COST,
        reference=reference,
        model=model or ("" if kind in {"", "tokens"} else kind),
        token_class=_CLASSES.get(str(result.get("token_type") or ""), ""),
        meter=str(result.get("token_type") or result.get("description") or kind)[:200],
        billed_cost=money(result["amount"], "amount", shift=-minor_digits(currency)),
        as_billed=f"{result['amount']} cents {currency}",
    )


def _usage(
    result: dict[str, Any], when: tuple[dt.date, dt.date | None], reference: str
) -> Iterator[BillLine]:
    written = result.get("cache_creation") or {}
    tools = result.get("server_tool_use") or {}
    flat = {**result, **{f"cache_creation.{name}": n for name, n in written.items()}}
    model = str(result.get("model") or "")
    found = [(model, ours, flat.get(theirs)) for theirs, ours in _CLASSES.items()]
    found.append((_SEARCH, UNITS, tools.get("web_search_requests")))
    for named, name, value in found:
        if quantity := counted(value, name):
            yield BillLine(
                provider=PROVIDER,
                month=when[0],
                day=when[1],
                currency="USD",
                source=ProviderInvoice.Source.ANTHROPIC_USAGE,
                reference=reference,
                model=named,
                token_class=name,
                meter=str(result.get("service_tier") or ""),
                quantity=quantity,
            )
