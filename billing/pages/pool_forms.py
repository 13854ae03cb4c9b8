"""The form of a rule: filters and weights as lines, what the database forbids in sentences."""

from collections.abc import Iterable
from typing import Any

from django import forms

from billing.measures import dimension
from billing.models import AllocationRule, Plan
from billing.pools import overlapping
from billing.pools.rules import can_end
from billing.pools.written import as_lines, filters_of, weights_of
from customers.models import Customer
from usage.models import Feature

_TARGETS: dict[str, tuple[Any, str]] = {
    "customer": (Customer, "external_id"),
    "plan": (Plan, "code"),
    "feature": (Feature, "external_id"),
}
_DAY = forms.DateInput(attrs={"type": "date"})


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule by hand; `ends` is the rule it takes over from."""

    filters_text = forms.CharField(
        required=False,
        label="Only",
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "plan: pro, team"}),
        help_text="Counts only what passes: a dimension, a colon and values on each line.",
    )
    weights_text = forms.CharField(
        required=False,
        label="Weights",
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "acme: 2.5"}),
        help_text="For fixed weights: the target's id, a colon and its weight on each line.",
    )
    ends_before = forms.BooleanField(
        required=False, label="End the rule in force on the day before this one begins"
    )

    class Meta:
        model = AllocationRule
        fields = ("target", "method", "valid_from", "valid_to", "reason")
        widgets = {"valid_from": _DAY, "valid_to": _DAY}
        labels = {
            "target": "To", "method": "By", "valid_from": "From", "valid_to": "To before",
            "reason": "Why",
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Write the filters and weights there are as lines."""
        super().__init__(*args, **kwargs)
        self.ends: AllocationRule | None = None
        self.initial["filters_text"] = as_lines(self.instance.filters)
        self.initial["weights_text"] = as_lines(self.instance.weights)

    def clean_filters_text(self) -> dict[str, list[str]]:
        """Read the filters."""
        try:
            return filters_of(self.cleaned_data["filters_text"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_weights_text(self) -> dict[str, str]:
        """Read the weights."""
        try:
            return weights_of(self.cleaned_data["weights_text"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Compare method, target, filters and weights, and the days with other rules."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return found
        self.instance.filters = found["filters_text"]
        self.instance.weights = found["weights_text"]
        method = found["method"]
        if method == AllocationRule.Method.REVENUE:
            self._check_revenue(found["filters_text"], found["target"])
        if method == AllocationRule.Method.WEIGHTS:
            self._check_weights(found["weights_text"], found["target"], found["filters_text"])
        elif found["weights_text"]:
            self.add_error("weights_text", "Only fixed weights have weights.")
        start, end = found["valid_from"], found["valid_to"]
        if start and end and end <= start:
            self.add_error("valid_to", f"The end {end} is not after the start {start}.")
        return found

    def _check_revenue(self, filters: Iterable[str], target: str) -> None:
        if target == AllocationRule.Target.FEATURE:
            self.add_error("method", "A flat fee has no feature: share by cost or tokens.")
        for name in filters:
            if not dimension(name).has_revenue:
                label = dimension(name).label.lower()
                self.add_error("filters_text", f"Revenue has no {label} to be narrowed by.")

    def _check_weights(self, weights: dict[str, str], target: str, filters: Any) -> None:
        if filters:
            self.add_error("filters_text", "Fixed weights name their targets: nothing to narrow.")
        if not weights:
            self.add_error("weights_text", "Fixed weights need at least one.")
        model, column = _TARGETS[target]
        known = model.objects.filter(**{f"{column}__in": list(weights)})
        unknown = sorted(weights.keys() - set(known.values_list(column, flat=True)))
        if unknown:
            self.add_error("weights_text", f"There is no {target} {', '.join(unknown)}.")

    def _post_clean(self) -> None:
        """Look for other rules of the same days before the database does."""
        if not self.errors:
            for name in ("target", "method", "valid_from", "valid_to", "reason"):
                setattr(self.instance, name, self.cleaned_data[name])
            self._compare()
        if not self.errors:
            super()._post_clean()  # type: ignore[misc]

    def _get_validation_exclusions(self) -> set[str]:
        """Leave overlaps to the comparison below: a rule it ends has not ended yet."""
        return {*super()._get_validation_exclusions(), "pool_id"}  # type: ignore[misc]

    def _compare(self) -> None:
        for other in overlapping(self.instance):
            if self.cleaned_data["ends_before"] and can_end(other, self.instance):
                self.ends = other
                continue
            since = f"from {other.valid_from}" if other.valid_from else "from the beginning"
            until = f"to before {other.valid_to}" if other.valid_to else "without an end"
            self.add_error(
                "valid_from",
                f"There is a rule for some of these days already: {other}, {since} {until}. "
                "Change that one, choose other days, or let it end before this one begins.",
            )
