"""The forms of a pool: an amount in money or a filter of usage, errors in sentences."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from billing.models import CostPoolAmount
from billing.pools import clashing
from billing.pools.usage import EXCLUDED
from billing.pools.written import as_lines, filters_of
from tknops.money import minor_digits

_CURRENCY = re.compile(r"[A-Z]{3}")
_LARGEST = Decimal(10**12)


class PoolForm(forms.ModelForm):  # type: ignore[type-arg]
    """A pool by hand."""

    def clean_currency(self) -> str:
        """Accept an ISO 4217 code."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if not _CURRENCY.fullmatch(code):
            message = f"{code!r} is no currency code such as USD or EUR."
            raise forms.ValidationError(message)
        return code


class AmountForm(forms.ModelForm):  # type: ignore[type-arg]
    """An amount by hand, in the pool's currency; or a filter of usage without a customer."""

    amount = forms.DecimalField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="In the pool's currency; a credit is below 0.",
    )
    usage = forms.CharField(
        required=False,
        label="or from unattributed usage",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 1, "placeholder": "feature: evals"}),
        help_text="A dimension, a colon and values on each line.",
    )

    class Meta:
        model = CostPoolAmount
        fields = ("service_start", "service_end", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Show what is stored; what a file brought is changed by undoing the file."""
        super().__init__(*args, **kwargs)
        stored: CostPoolAmount = self.instance
        if stored.amount_minor is not None:
            digits = minor_digits(stored.pool.currency)
            self.initial["amount"] = Decimal(stored.amount_minor).scaleb(-digits)
        self.initial["usage"] = as_lines(stored.usage_filter)
        if stored.source == CostPoolAmount.Source.IMPORT:
            for field in self.fields.values():
                field.disabled = True

    def clean_usage(self) -> dict[str, list[str]]:
        """Read the filter."""
        try:
            found = filters_of(self.cleaned_data["usage"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if refused := [name for name in EXCLUDED if name in found]:
            message = (
                f"{refused[0]!r} is not accepted: the cost has no customer, and dates of its own."
            )
            raise forms.ValidationError(message)
        return found

    def clean(self) -> dict[str, Any]:
        """Accept an amount or a filter, never both or neither."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors or self.instance.source == CostPoolAmount.Source.IMPORT:
            return found
        start, end = found["service_start"], found.get("service_end")
        if end and end <= start:
            self.add_error("service_end", f"The end {end} is not after the start {start}.")
        elif (found.get("amount") is None) == (not found["usage"]):
            self.add_error("amount", "Write either an amount or a filter of usage.")
        elif found["usage"]:
            self._take_usage(found)
        else:
            self._take_amount(found["amount"], end, found["pool"].currency)
        return found

    def _take_amount(self, amount: Decimal, end: object, code: str) -> None:
        minor = amount.scaleb(minor_digits(code))
        if not end:
            self.add_error("service_end", "An amount needs the day after its last.")
        elif minor != minor.to_integral_value() or abs(amount) > _LARGEST:
            self.add_error("amount", f"{amount} has more digits than an amount in {code} has.")
        else:
            self.instance.source = CostPoolAmount.Source.HAND
            self.instance.amount_minor, self.instance.usage_filter = int(minor), {}

    def _take_usage(self, found: dict[str, Any]) -> None:
        reporting = settings.REPORTING_CURRENCY
        clash = clashing(
            filters=found["usage"],
            start=found["service_start"],
            end=found.get("service_end"),
            but=self.instance.pk,
        )
        if found["pool"].currency != reporting:
            self.add_error("usage", f"Usage costs {reporting}: its pool has to be in that.")
        elif clash:
            message = f"{clash.pool} takes some of this usage already: {clash.usage_filter}."
            self.add_error("usage", message)
        else:
            self.instance.source = CostPoolAmount.Source.USAGE
            self.instance.amount_minor, self.instance.usage_filter = None, found["usage"]
