"""Attribution rules: edited here, previewed in money, then put in force."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from billing.measures import TAG, TAG_NAME
from customers.dated import said_days
from usage.attribution import EFFECTS, BadPatternError, check_pattern
from usage.keys import UnknownKeyError, names_of
from usage.models import AttributionRule, RuleCondition

_MOST_VALUES = 500
_MANY = {RuleCondition.Operator.ONE_OF, RuleCondition.Operator.MISSING}
_WHOLE = {RuleCondition.Operator.EQUALS, RuleCondition.Operator.ONE_OF}


class ConditionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A condition; what is wrong with it is said in a sentence."""

    class Meta:
        model = RuleCondition
        fields = ("field", "tag_key", "operator", "values")
        widgets = {"values": UnfoldAdminTextareaWidget(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # As the browser sends a row nobody touched: it is none, not one without a value.
        self.fields["field"].initial = RuleCondition.Field.SOURCE

    def clean_tag_key(self) -> str:
        """Accept a tag key as ingestion takes it."""
        key = str(self.cleaned_data["tag_key"]).strip().lower()
        if key and not TAG_NAME.fullmatch(f"{TAG}{key}"):
            message = f"{key!r} is no tag key; accepted: a–z, 0–9, “_”, “.” and “-”."
            raise forms.ValidationError(message)
        return key

    def clean(self) -> dict[str, Any]:
        """Count the values and try a pattern."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        wanted = RuleCondition(values=found.get("values", "")).wanted
        operator = found.get("operator")
        if len(wanted) > 1 and operator not in _MANY:
            self.add_error("values", f"{len(wanted)} values; only “is one of” takes more than one.")
        if len(wanted) > _MOST_VALUES:
            self.add_error("values", f"{len(wanted):,} values; accepted: up to {_MOST_VALUES}.")
        if operator == RuleCondition.Operator.PATTERN and wanted:
            try:
                check_pattern(wanted[0])
            except BadPatternError as error:
                self.add_error("values", f"{error}.")
        if found.get("field") == RuleCondition.Field.API_KEY and operator in _WHOLE and wanted:
            self._name_keys(wanted)
        return found

    def _name_keys(self, wanted: list[str]) -> None:
        """Put names in the place of prefixes: a rule goes on after the key is rotated."""
        try:
            self.cleaned_data["values"] = "\n".join(names_of(wanted))
        except UnknownKeyError as error:
            self.add_error("values", f"{str(error)[0].upper()}{str(error)[1:]}.")


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule; its days in order."""

    def clean(self) -> dict[str, Any]:
        """Refuse an end that is not after the start."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = found.get("valid_from"), found.get("valid_to")
        if start and end and end <= start:
            self.add_error("valid_to", f"The end {end} is not after the start {start}.")
        return found


class ConditionInline(TabularInline):
    """All of them must hold."""

    model = RuleCondition
    form = ConditionForm
    extra = 1
    verbose_name_plural = "conditions: all must hold; none means every call"


@admin.register(AttributionRule)
class AttributionRuleAdmin(ModelAdmin):
    """Rules in the order they are tried."""

    form = RuleForm
    list_display = ("position", "name", "active", "when", "then", "mode", "days")
    list_display_links = ("name",)
    list_filter = ("active", "cost_class")
    search_fields = ("name", "customer__name", "conditions__values")
    autocomplete_fields = ("customer", "end_user", "feature", "team")
    ordering = ("position", "pk")
    inlines = (ConditionInline,)
    list_before_template = "tknops/admin/rules.html"
    fieldsets = (
        (None, {"fields": ("name", "position", "active")}),
        (
            "Sets (leave empty what it does not decide)",
            {"fields": ("customer", "end_user", "feature", "team", "cost_class", "mode")},
        ),
        ("On which days", {"fields": ("valid_from", "valid_to")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AttributionRule]:
        """Fetch what the columns show."""
        rules: QuerySet[AttributionRule] = super().get_queryset(request)
        return rules.select_related(*EFFECTS[:-1]).prefetch_related("conditions")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may: a run of the past names it. An inactive rule does nothing."""
        return False

    def response_add(
        self, request: HttpRequest, obj: AttributionRule, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show what it would move."""
        return self._previewed(request, super().response_add(request, obj, post_url_continue))

    def response_change(self, request: HttpRequest, obj: AttributionRule) -> HttpResponse:
        """Show what it would move."""
        return self._previewed(request, super().response_change(request, obj))

    def _previewed(self, request: HttpRequest, otherwise: HttpResponse) -> HttpResponse:
        stays = {"_continue", "_addanother", "_popup"} & request.POST.keys()
        return otherwise if stays else redirect("pages:rules-preview")

    @admin.display(description="when all of")
    def when(self, rule: AttributionRule) -> str:
        """List its conditions."""
        return "; ".join(str(one) for one in rule.conditions.all()) or "every call"

    @admin.display(description="sets")
    def then(self, rule: AttributionRule) -> str:
        """List what it sets."""
        rows = [(effect, getattr(rule, effect)) for effect in EFFECTS[:-1]]
        found = [f"{effect.replace('_', ' ')} = {row}" for effect, row in rows if row]
        if rule.cost_class:
            found.append(f"cost class = {rule.get_cost_class_display()}")
        return ", ".join(found)

    @admin.display(description="days")
    def days(self, rule: AttributionRule) -> str:
        """Show its days."""
        if not (rule.valid_from or rule.valid_to):
            return "all"
        return said_days(rule.valid_from, rule.valid_to)
