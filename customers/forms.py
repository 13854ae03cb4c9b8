"""Forms of dated rows under their owner: the rows of one form are judged together."""

from collections import defaultdict
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.forms import BaseInlineFormSet

from customers.dated import OVERLAP, Dated

_EVER, _NEVER = "0001-01-01", "9999-12-31"


class DatedFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows of which no two of the same `name` may overlap; an edge two share may move."""

    def clean(self) -> None:
        """Mark what overlaps."""
        super().clean()
        together: dict[str, list[Any]] = defaultdict(list)
        for form in self.forms:
            row: Dated = form.instance
            kept = form.is_valid() and not form.cleaned_data.get("DELETE")
            if kept and (form.has_changed() or row.pk):
                together[getattr(row, "name", "")].append(form)
        for forms in together.values():
            forms.sort(key=lambda form: str(form.instance.valid_from or _EVER))
            for before, form in pairwise(forms):
                end = str(before.instance.valid_to or _NEVER)
                if end > str(form.instance.valid_from or _EVER):
                    form.add_error("valid_from", OVERLAP)

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Save all rows before the database looks whether any overlap."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            saved = super().save(commit)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return saved
