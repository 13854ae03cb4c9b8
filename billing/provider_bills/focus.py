"""FOCUS exports of cloud providers, versions 1.0 to 1.4, as lines of bills.

Only rows of the service category AI and Machine Learning are read, and tax, credits and adjustments
without a category; what is left out is counted and summed.
"""

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

from billing.importers import cells
from billing.importers.cells import CellError
from billing.models import ProviderInvoice
from billing.provider_bills.bill_line import BillLine, counted, money, utc
from billing.provider_bills.meters import decimals_of, token_class, units_of
from tknops.calendar import month_start
from usage.ingest.providers import canonical
from usage.tokens import UNITS

REQUIRED = ("BilledCost", "BillingCurrency", "BillingPeriodStart", "ChargeCategory")
AI = "AI and Machine Learning"
_KINDS = {
    "usage": "USAGE", "purchase": "OTHER", "tax": "TAX", "credit": "CREDIT", "adjustment": "OTHER",
}  # fmt: skip
_NAMES = {
    "amazonwebservices": "aws", "googlecloud": "google", "googlecloudplatform": "google",
    "microsoftazure": "azure",
}  # fmt: skip
_PROVIDER = ("ServiceProviderName", "HostProviderName", "ProviderName", "InvoiceIssuerName")


def line(row: dict[str, str], provider: str, reference: str) -> BillLine | None:
    """Return the line of a row; None where it is of another service. Raises CellError."""
    kind = _kind(row)
    category = cells.optional(row, "ServiceCategory")
    if "ServiceCategory" in row and category != AI and (category or kind in {"USAGE", "OTHER"}):
        return None
    details = _details(row)
    meter = cells.optional(row, "SkuMeter", "ChargeDescription", "SkuPriceId")
    unit = cells.optional(row, "ConsumedUnit")
    quantity, name = _consumed(row, unit, details, meter)
    is_usage = kind == "USAGE"
    model = details.get("modelid") or cells.optional(row, "SkuId", "ResourceName", "ServiceName")
    period = utc(cells.required(row, "BillingPeriodStart"), "BillingPeriodStart")
    month = month_start(period.date())
    return BillLine(
        provider=provider or _provider(row),
        month=month,
        day=_day(row, month),
        currency=cells.currency(row, "BillingCurrency"),
        source=ProviderInvoice.Source.FOCUS,
        number=cells.optional(row, "InvoiceId"),
        reference=reference,
        kind=kind,
        model=model[:200] if is_usage else "",
        token_class=name if is_usage else "",
        meter=meter[:200],
        quantity=quantity if is_usage else None,
        unit_price=_unit_price(row, unit) if is_usage else None,
        list_cost=_optional_money(row, "ListCost"),
        billed_cost=money(cells.required(row, "BilledCost"), "BilledCost"),
        as_billed=f"{row['BilledCost'].strip()} {row['BillingCurrency'].strip()}"[:60],
    )


def left_out(row: dict[str, str]) -> tuple[str, Decimal]:
    """Return currency and cost of a row that is not read, to be summed."""
    currency = cells.optional(row, "BillingCurrency")
    return currency, money(cells.optional(row, "BilledCost") or "0", "BilledCost")


def _kind(row: dict[str, str]) -> str:
    text = cells.required(row, "ChargeCategory")
    kind = _KINDS.get(text.lower())
    if kind is None:
        known = ", ".join(_KINDS)
        message = f"column 'ChargeCategory': {text!r} is not one of {known}"
        raise CellError(message)
    if kind == "OTHER" and "rounding" in cells.optional(row, "ChargeDescription").lower():
        return "ROUNDING"
    return kind


def _details(row: dict[str, str]) -> dict[str, str]:
    """Read SkuPriceDetails by names without x_: ModelId, TokenDirection, TokenCacheAction."""
    try:
        found = json.loads(cells.optional(row, "SkuPriceDetails") or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(key).lower().removeprefix("x_"): str(value) for key, value in found.items()}


def _consumed(
    row: dict[str, str], unit: str, details: dict[str, str], meter: str
) -> tuple[Decimal | None, str]:
    """Return the quantity in single units, and its token class."""
    factor, are_tokens = units_of(unit)
    quantity = counted(cells.optional(row, "ConsumedQuantity"), "ConsumedQuantity")
    action, direction = details.get("tokencacheaction", ""), details.get("tokendirection", "")
    if action.lower() in {"", "none"}:
        action = ""
    told = f"cache {action}" if action else direction
    name = token_class(told) or token_class(meter)
    if not are_tokens and unit:
        name = UNITS
    return None if quantity is None else quantity * factor, name


def _unit_price(row: dict[str, str], unit: str) -> Decimal | None:
    """Return the price of a single unit where pricing and consumption count the same thing."""
    price, priced = cells.optional(row, "ContractedUnitPrice"), cells.optional(row, "PricingUnit")
    digits = decimals_of(priced)
    if not price or digits is None or units_of(priced)[1] != units_of(unit)[1]:
        return None
    return money(price, "ContractedUnitPrice", shift=-digits)


def _optional_money(row: dict[str, str], column: str) -> Decimal | None:
    text = cells.optional(row, column)
    return money(text, column) if text else None


def _day(row: dict[str, str], month: dt.date) -> dt.date | None:
    """Return the UTC day; of a longer span none, but its first where that is of another month."""
    start, end = cells.optional(row, "ChargePeriodStart"), cells.optional(row, "ChargePeriodEnd")
    if not start:
        return None
    begun = utc(start, "ChargePeriodStart")
    ended = utc(end, "ChargePeriodEnd") if end else begun
    whole = (ended - dt.timedelta(microseconds=1)).date() > begun.date()
    return None if whole and month_start(begun.date()) == month else begun.date()


def _provider(row: dict[str, str]) -> str:
    name: Any = cells.optional(row, *_PROVIDER)
    if not name:
        message = f"none of {', '.join(_PROVIDER)} names the provider; choose it above the file"
        raise CellError(message)
    return _NAMES.get(re.sub(r"[^a-z0-9]", "", name.lower())) or canonical(name)
