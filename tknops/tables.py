"""Tables a person fills from CSV or XLSX and takes out again: the base of their resources."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Model
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import Widget

from tknops.spreadsheets import defused, restored


class SafeResource(ModelResource):
    """A resource whose exported texts no spreadsheet runs, and that takes them back unchanged."""

    def export_field(self, field: Field, instance: Model, **kwargs: Any) -> Any:
        """Export one cell."""
        value = super().export_field(field, instance, **kwargs)
        return defused(value) if isinstance(value, str) else value

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Read the texts as they were before they were exported."""
        for column, value in row.items():
            if isinstance(value, str):
                row[column] = restored(value)
        super().before_import_row(row, **kwargs)


class ExactWidget(Widget):
    """A decimal as it is written, never by way of a float."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        """Read a cell. Raises ValueError with a sentence."""
        text = str(value if value is not None else "").strip()
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or "_" in text:
            message = f"{text!r} is not a number like 1234.56"
            raise ValueError(message)
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Write it in full, without exponent."""
        return "" if value is None else format(value, "f")
