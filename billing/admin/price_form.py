"""The form of a price: what the database forbids said in sentences, and a look at what is odd."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from unfold.widgets import UnfoldBooleanWidget

from billing.admin.money_first import MoneyFirst
from usage.ingest.providers import canonical
from usage.models import Price
from usage.pricing import PriceChange
from usage.repricing import FAR, far
from usage.tokens import UNITS

_KEY = (
    "provider_code", "model", "service_tier", "region", "token_class", "unit", "threshold",
    "price_window",
)  # fmt: skip
_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_CURRENCY = re.compile(r"[A-Z]{3}")
_TERMS = (*_KEY, "kind", "per_million", "currency", "valid_from", "valid_to")


class PriceForm(MoneyFirst):
    """A price by hand."""

    checked = forms.BooleanField(
        required=False,
        label="I have checked an unusual price",
        help_text=f"Needed where it is {FAR} times the price there is, or a tenth of it.",
        widget=UnfoldBooleanWidget,
    )

    def clean_provider_code(self) -> str:
        """Spell it as the events do."""
        return canonical(self.cleaned_data["provider_code"])

    def clean_model(self) -> str:
        """Spell it in lower case: so it is found however events spell it."""
        return str(self.cleaned_data["model"]).strip().lower()

    def clean_currency(self) -> str:
        """Accept an ISO 4217 code."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        return _kept(code, _CURRENCY.fullmatch(code), "is no currency code such as USD or EUR")

    def clean_price_window(self) -> str:
        """Accept nothing or HH:MM-HH:MM."""
        window = str(self.cleaned_data["price_window"]).strip()
        good = not window or _WINDOW.fullmatch(window)
        return _kept(window, good, "is no time of day such as 00:30-16:30 (UTC)")

    def clean_per_million(self) -> Decimal:
        """Refuse a negative price."""
        price: Decimal = self.cleaned_data["per_million"]
        if price < 0:
            message = f"A price is not negative: {price:f}. A discount is a lower price."
            raise forms.ValidationError(message)
        return price

    def clean_threshold(self) -> int:
        """Refuse a negative threshold."""
        threshold: int = self.cleaned_data["threshold"]
        if threshold < 0:
            message = f"A number of input tokens is 0 or more, not {threshold}."
            raise forms.ValidationError(message)
        return threshold

    def clean(self) -> dict[str, Any]:
        """Compare with the prices there are: order of days, overlaps, prices far off."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = found.get("valid_from"), found.get("valid_to")
        if start and end and end <= start:
            self.add_error("valid_to", f"The end {end} is not after the start {start}.")
        if (found.get("token_class") == UNITS) != bool(found.get("unit")):
            self.add_error("unit", "Units need their name, such as image; tokens have none.")
        if not self.errors:
            self._compare(found)
        if not self.errors:
            self.show_money()
        return found

    def change(self) -> PriceChange:
        """Add the price; an edited one ends."""
        terms = {name: self.cleaned_data[name] for name in _TERMS}
        ended = frozenset([self.instance.pk] if self.instance.pk else [])
        return PriceChange(prices=(Price(**terms, source="manual"),), ended_prices=ended)

    def _compare(self, found: dict[str, Any]) -> None:
        same = Price.objects.filter(superseded_at=None, **{name: found[name] for name in _KEY})
        others = same.exclude(pk=self.instance.pk)
        if clash := _overlapping(others.filter(kind=found["kind"]), found).first():
            self.add_error("valid_from", _overlap(clash))
        near = same.filter(currency=found["currency"], per_million__gt=0).order_by("-valid_from")
        before = near.first()
        if before and not found["checked"] and far(found["per_million"], before.per_million):
            self.show_far(f"{found['per_million']:f}", f"{before.per_million.normalize():f}")


def _kept(value: str, good: object, otherwise: str) -> str:
    if not good:
        message = f"{value!r} {otherwise}."
        raise forms.ValidationError(message)
    return value


def _overlapping(prices: QuerySet[Price], found: dict[str, Any]) -> QuerySet[Price]:
    if found["valid_to"]:
        prices = prices.filter(Q(valid_from=None) | Q(valid_from__lt=found["valid_to"]))
    if found["valid_from"]:
        prices = prices.filter(Q(valid_to=None) | Q(valid_to__gt=found["valid_from"]))
    return prices


def _overlap(other: Price) -> str:
    since = f"from {other.valid_from}" if other.valid_from else "from the beginning"
    until = f"to before {other.valid_to}" if other.valid_to else "without an end"
    return (
        f"There is a {other.get_kind_display()} price for these days already: "
        f"{other.per_million.normalize():f} {other.currency}, {since} {until}. End that one first, "
        f"choose other days, or make this one {Price.Kind.CONTRACTED.label}."
    )
