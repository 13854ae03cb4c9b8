"""A form that shows the money a change moves before it is applied."""

import hashlib
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.reports.reprice import Preview, preview
from billing.templatetags.money import exact_money
from usage.pricing import PriceChange


class MoneyFirst(forms.ModelForm):  # type: ignore[type-arg]
    """Saved once what was shown is what is sent again; at once where no money moves."""

    reason = forms.CharField(
        required=False,
        max_length=300,
        help_text="Kept with the change, such as the contract's number.",
        widget=UnfoldAdminTextInputWidget(),
    )
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)
    preview: Preview | None = None

    def change(self) -> PriceChange:
        """Return what saving does to the price book."""
        raise NotImplementedError

    def show_money(self) -> None:
        """Ask for another look if money moves that this form was not shown with."""
        mark = self._mark()
        if self.cleaned_data.get("previewed") == mark:
            return
        self.preview = preview(self.change())
        if not self.preview.moves:
            return
        self._remember(mark)
        self.add_error(
            None,
            f"This moves {exact_money(self.preview.total)} over all months. "
            "Look at it above; save again to apply it.",
        )

    def show_far(self, price: str, before: str) -> None:
        """Ask for a word on a figure far from the one before, naming both and the money."""
        self.preview = preview(self.change())
        self.add_error(
            "per_million",
            f"{price} is far from the price there is, {before}, and moves "
            f"{exact_money(self.preview.total)}. If it is right, tick the box below.",
        )

    def _mark(self) -> str:
        said = {k: str(v) for k, v in self.cleaned_data.items() if k not in {"previewed", "reason"}}
        return hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()

    def _remember(self, mark: str) -> None:
        data: Any = self.data
        data = data.copy()
        data[self.add_prefix("previewed")] = mark
        self.data = data
