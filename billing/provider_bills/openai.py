"""OpenAI's organization costs and usage pages: costs in dollars, usage in tokens by model.

Source: openai-openapi openapi.yaml, organization.costs.result and organization.usage.*.result.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from billing.importers.cells import CellError
from billing.models import ProviderInvoice
from billing.provider_bills.bill_line import BillLine, counted, money, month_and_day, utc
from billing.provider_bills.meters import token_class, units_of
from usage.tokens import UNITS

PROVIDER = "openai"
COST, USAGE = "organization.costs.result", "organization.usage."
_MODALITIES = ("audio", "image")
# What results without tokens count, in single units.
_COUNTS = ("images", "characters", "seconds", "num_sessions", "num_requests")


def bucket(found: dict[str, Any]) -> tuple[dt.date, dt.date | None]:
    """Return the month and the UTC day of a bucket. Raises CellError."""
    start = utc(found.get("start_time"), "start_time")
    end = found.get("end_time")
    return month_and_day(start, utc(end, "end_time") if end else start)


def lines(
    result: dict[str, Any], when: tuple[dt.date, dt.date | None], reference: str
) -> Iterator[BillLine]:
    """Yield the lines of one result. Raises CellError."""
    if result["object"] == COST:
        yield _cost(result, when, reference)
    else:
        yield from _usage(result, when, reference)


def _cost(result: dict[str, Any], when: tuple[dt.date, dt.date | None], reference: str) -> BillLine:
    amount = result.get("amount") or {}
    item = str(result.get("line_item") or "")
    model, comma, part = item.rpartition(", ")
    factor, _ = units_of(str(result.get("quantity_unit") or ""))
    quantity = counted(result.get("quantity"), "quantity")
    return BillLine(
        provider=PROVIDER,
        month=when[0],
        day=when[1],
        currency=_currency(amount),
        source=ProviderInvoice.Source.OPENAI_COSTS,
        reference=reference,
        model=model if comma else item,
        token_class=token_class(part) if comma else "",
        meter=part if comma else "",
        quantity=None if quantity is None else quantity * factor,
        billed_cost=money(amount.get("value"), "amount.value"),
        as_billed=f"{amount.get('value')} {amount.get('currency')}",
    )


def _currency(amount: dict[str, Any]) -> str:
    code = str(amount.get("currency") or "").upper()
    if len(code) != len("USD") or not code.isalpha():
        message = f"amount.currency: {code!r} is not a currency code like usd"
        raise CellError(message)
    return code


def _usage(
    result: dict[str, Any], when: tuple[dt.date, dt.date | None], reference: str
) -> Iterator[BillLine]:
    for name, quantity in _quantities(result).items():
        if quantity:
            yield BillLine(
                provider=PROVIDER,
                month=when[0],
                day=when[1],
                currency="USD",
                source=ProviderInvoice.Source.OPENAI_USAGE,
                reference=reference,
                model=str(result.get("model") or ""),
                token_class=name,
                meter="batch" if result.get("batch") else str(result.get("service_tier") or ""),
                quantity=counted(quantity, name),
            )


def _quantities(result: dict[str, Any]) -> dict[str, int]:
    """Make the counts disjoint: input has cached, written, audio and image tokens in it."""

    def count(name: str) -> int:
        return int(counted(result.get(name), name) or 0)

    if "input_tokens" not in result:
        return {UNITS: sum(count(name) for name in _COUNTS)}
    found: dict[str, int] = {}
    for part in _MODALITIES:
        cached = count(f"input_cached_{part}_tokens")
        found[f"cache_read_{part}_tokens"] = cached
        found[f"input_{part}_tokens"] = count(f"input_{part}_tokens") - cached
        found[f"output_{part}_tokens"] = count(f"output_{part}_tokens")
    found["cache_write_tokens"] = count("input_cache_write_tokens")
    found["cache_read_tokens"] = count("input_cached_tokens") - sum(
        found[f"cache_read_{part}_tokens"] for part in _MODALITIES
    )
    inside = sum(n for name, n in found.items() if not name.startswith("output"))
    found["input_tokens"] = count("input_tokens") - inside
    outside = sum(n for name, n in found.items() if name.startswith("output"))
    found["output_tokens"] = count("output_tokens") - outside
    below = [f"{name} {number}" for name, number in found.items() if number < 0]
    if below:
        message = f"the token counts contradict each other: {', '.join(below)}"
        raise CellError(message)
    return found
