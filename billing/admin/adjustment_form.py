"""The form of a price adjustment: what the database forbids said in sentences."""

import re
from typing import Any

from django import forms

from billing.admin.money_first import MoneyFirst
from usage.ingest.providers import canonical
from usage.models import PriceAdjustment
from usage.pricing import PriceChange
from usage.pricing.adjusting import ORDINARY_TIERS
from usage.tokens import UNCACHED, UNIT_NAMES

_Kind = PriceAdjustment.Kind
_KEY = (
    "kind", "provider_code", "model", "service_tier", "region", "token_class", "unit",
)  # fmt: skip
_TERMS = (*_KEY, "name", "value", "currency", "valid_from", "valid_to")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MOST_FACTOR = 1000
_MOST_DISCOUNT = 100
_CACHED = {"", "every_cache", "every_cache_read", "every_cache_write", *UNCACHED}


class AdjustmentForm(MoneyFirst):
    """A discount, rate or factor by hand."""

    def clean_provider_code(self) -> str:
        """Spell it as the events do."""
        return canonical(self.cleaned_data["provider_code"])

    def clean_model(self) -> str:
        """Spell it in lower case, as the price book does."""
        return str(self.cleaned_data["model"]).strip().lower()

    def clean_service_tier(self) -> str:
        """Give every name of the ordinary tier one spelling; empty stays every tier."""
        tier = str(self.cleaned_data["service_tier"]).strip().lower()
        return "default" if tier and tier in ORDINARY_TIERS else tier

    def clean_unit(self) -> str:
        """Accept a unit we count."""
        unit = str(self.cleaned_data["unit"]).strip()
        if unit and unit not in UNIT_NAMES:
            message = f"{unit!r} is no unit; accepted: {', '.join(UNIT_NAMES)}"
            raise forms.ValidationError(message)
        return unit

    def clean_currency(self) -> str:
        """Accept an ISO 4217 code or nothing."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if code and not _CURRENCY.fullmatch(code):
            message = f"{code!r} is no currency code such as USD or EUR."
            raise forms.ValidationError(message)
        return code

    def clean(self) -> dict[str, Any]:
        """Check what belongs together, then show the money."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            for name, sentence in _wrong(found):
                self.add_error(name, sentence)
        if not self.errors and (clash := self._clash(found)):
            self.add_error("valid_from", f"“{clash}” says the same for some of these days already.")
        if not self.errors:
            self.show_money()
        return found

    def change(self) -> PriceChange:
        """Add the adjustment; an edited one ends."""
        terms = {name: self.cleaned_data[name] for name in _TERMS}
        ended = frozenset([self.instance.pk] if self.instance.pk else [])
        return PriceChange(adjustments=(PriceAdjustment(**terms),), ended_adjustments=ended)

    def _clash(self, found: dict[str, Any]) -> PriceAdjustment | None:
        rows = PriceAdjustment.objects.filter(
            superseded_at=None, **{name: found[name] for name in _KEY}
        ).exclude(pk=self.instance.pk)
        for row in rows:
            ends = row.valid_to and found["valid_from"] and row.valid_to <= found["valid_from"]
            begins = row.valid_from and found["valid_to"] and row.valid_from >= found["valid_to"]
            if not (ends or begins):
                return row
        return None


def _wrong(found: dict[str, Any]) -> list[tuple[str, str]]:
    """List field and sentence of what does not go together."""
    kind, value = found["kind"], found["value"]
    start, end = found["valid_from"], found["valid_to"]
    rate = kind == _Kind.COMMITTED_RATE
    factor = kind in {_Kind.REGION_FACTOR, _Kind.TIER_FACTOR, _Kind.CACHE_FACTOR}
    ordinary = found["service_tier"] in {"", "default"}
    rules = (
        (value < 0, "value", f"It is 0 or more, not {value:f}."),
        (
            kind == _Kind.NEGOTIATED_DISCOUNT and value > _MOST_DISCOUNT,
            "value",
            f"A discount is 0 to 100 %, not {value:f}.",
        ),
        (factor and value > _MOST_FACTOR, "value", f"A factor is 0 to 1,000, not {value:f}."),
        (rate and not found["currency"], "currency", "A price per million needs its currency."),
        (not rate and found["currency"], "currency", "A discount or factor has no currency."),
        (
            kind == _Kind.REGION_FACTOR and not found["region"],
            "region",
            "Name the region, such as us or eu-*.",
        ),
        (
            kind == _Kind.TIER_FACTOR and ordinary,
            "service_tier",
            "Name the tier: batch, flex, priority.",
        ),
        (
            kind == _Kind.CACHE_FACTOR and found["token_class"] not in _CACHED,
            "token_class",
            "A cache factor is of a cache class.",
        ),
        (start and end and end <= start, "valid_to", f"The end {end} is not after {start}."),
    )
    return [(name, sentence) for holds, name, sentence in rules if holds]
