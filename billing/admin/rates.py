"""Exchange rates in the admin: entered, corrected as a new version, or withdrawn."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from billing.models import ExchangeRate
from billing.rates import ENTERED, RateTerms, enter, withdraw

_CODE = re.compile(r"[A-Z]{3}")


class RateForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rate by hand."""

    class Meta:
        model = ExchangeRate
        fields = ("base", "quote", "date", "rate", "source", "reason")

    def clean_base(self) -> str:
        """Accept an ISO 4217 code."""
        return _code(self.cleaned_data["base"])

    def clean_quote(self) -> str:
        """Accept an ISO 4217 code."""
        return _code(self.cleaned_data["quote"])

    def clean_rate(self) -> Any:
        """Refuse a rate that is not above 0."""
        rate = self.cleaned_data["rate"]
        if rate <= 0:
            message = f"A rate is above 0: {rate:f} says that one currency is worth nothing."
            raise forms.ValidationError(message)
        return rate

    def clean(self) -> dict[str, Any]:
        """Refuse a pair of one currency, and a day that has not come."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("base") and found.get("base") == found.get("quote"):
            self.add_error("quote", f"{found['quote']} in {found['base']} is always 1: no rate.")
        day = found.get("date")
        if day and day > timezone.localdate():
            self.add_error("date", f"{day} has not come: a rate is known on its day.")
        return found

    def terms(self) -> RateTerms:
        """Return what the form says."""
        found = self.cleaned_data
        return RateTerms(
            found["base"], found["quote"], found["date"], found["rate"], found["source"]
        )

    def validate_unique(self) -> None:
        """Let the pair and day be there: then it is a correction."""

    def validate_constraints(self) -> None:
        """Leave what is said above in sentences to those, the rest to the database."""


def _code(text: str) -> str:
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        message = f"{code!r} is no currency code such as USD or EUR."
        raise forms.ValidationError(message)
    return code


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ModelAdmin):
    """Dated rates, newest first; what was superseded is history."""

    form = RateForm
    show_full_result_count = False
    list_display = ("date", "base", "quote", "rate", "source", "created_by", "superseded_at")
    list_select_related = ("created_by",)
    list_filter = ("quote", ("superseded_at", admin.EmptyFieldListFilter))
    search_fields = ("base", "quote", "source")
    date_hierarchy = "date"
    ordering = ("-date", "base", "quote", "-pk")
    actions = ("withdraw",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in what a page of missing rates asks for."""
        return {"source": ENTERED, **super().get_changeform_initial_data(request)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the pair and day: another is another rate."""
        return ("base", "quote", "date") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Enter it: a correction ends the version there is."""
        terms = (
            RateTerms(obj.base, obj.quote, obj.date, obj.rate, obj.source)
            if change
            else form.terms()
        )
        made = enter(terms, now=timezone.now(), user=request.user, reason=obj.reason)
        obj.pk = made.pk
        obj.refresh_from_db()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was superseded is history."""
        superseded = obj is not None and obj.superseded_at is not None
        return bool(super().has_change_permission(request, obj)) and not superseded

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may: a report of the past can be asked what it was made from."""
        return False

    @admin.action(description="Withdraw: no rate on these days", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[ExchangeRate]) -> None:
        """End the chosen rates without another in their place."""
        count = withdraw(keys=list(queryset.values_list("pk", flat=True)), now=timezone.now())
        self.message_user(request, f"{count:,} rates withdrawn.")
