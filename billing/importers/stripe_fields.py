"""The fields of Stripe's objects that are read here; nothing else is kept of an answer."""

from collections.abc import Mapping
from typing import Any

_PRICE = {
    **dict.fromkeys(("id", "currency", "unit_amount", "unit_amount_decimal", "amount",
                     "amount_decimal", "interval", "interval_count", "usage_type", "nickname",
                     "lookup_key", "product"), True),
    "recurring": {"interval": True, "interval_count": True, "usage_type": True},
}  # fmt: skip
_DETAILS = {"subscription": True, "proration": True}
_LINE = {
    **dict.fromkeys(("object", "id", "amount", "currency", "description", "invoice",
                     "subscription", "proration"), True),
    "period": {"start": True, "end": True},
    "parent": {"subscription_item_details": _DETAILS, "invoice_item_details": _DETAILS},
    "pricing": {"price_details": {"price": True, "product": True}},
    "price": _PRICE,
    "plan": _PRICE,
    "discount_amounts": {"amount": True},
    "taxes": {"amount": True, "tax_behavior": True},
    "tax_amounts": {"amount": True, "inclusive": True},
}  # fmt: skip
_FIELDS: dict[str, Any] = {
    "invoice": {
        **dict.fromkeys(("object", "id", "number", "customer", "customer_name", "customer_email",
                         "currency", "status", "created"), True),
        "status_transitions": {"finalized_at": True},
        "lines": {"has_more": True, "data": _LINE},
    },
    "subscription": {
        **dict.fromkeys(("object", "id", "customer", "currency", "status", "start_date",
                         "trial_end", "ended_at", "current_period_end"), True),
        "items": {"data": {"quantity": True, "current_period_end": True, "price": _PRICE,
                           "plan": _PRICE}},
    },
}  # fmt: skip


def slim(found: dict[str, Any]) -> dict[str, Any]:
    """Return an object with the fields that are read."""
    fields = _FIELDS.get(str(found.get("object")), {"object": True, "id": True})
    kept: dict[str, Any] = _kept(found, fields)
    return kept


def _kept(value: Any, fields: Any) -> Any:
    if fields is True:  # a reference that came expanded is kept as the id it stands for
        return value.get("id") if isinstance(value, dict) else value
    if isinstance(value, list):
        return [_kept(one, fields) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {name: _kept(value[name], inner) for name, inner in fields.items() if name in value}
