"""What rows were before an import changed them, and putting them back."""

from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import BillingImport, ReplacedRow


def remember(made: BillingImport, table: str, changing: str) -> None:
    """Keep the rows of a table whose ids the query `changing` selects for this import."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO billing_replacedrow (billing_import_id, "table", row_id, before) '
            f"SELECT %(made)s, '{table}', t.id, to_jsonb(t) FROM {table} t "
            f"WHERE t.id IN ({changing})",
            {"made": made.pk},
        )


def replaced_later(made: BillingImport) -> BillingImport | None:
    """Return an import that stands and changed, afterwards, a row this one made or changed."""
    rows = ReplacedRow.objects.filter(
        Q(table="billing_subscription", row_id__in=made.subscription_set.values("pk"))
        | Q(table="billing_invoice", row_id__in=made.invoices.values("pk"))
        | Q(pk__in=_also_changed(made))
    )
    later = rows.filter(billing_import__gt=made, billing_import__undone_at=None)
    row = later.select_related("billing_import").order_by("-billing_import").first()
    return row.billing_import if row else None


def _also_changed(made: BillingImport) -> QuerySet[ReplacedRow, Any]:
    mine = ReplacedRow.objects.filter(
        billing_import=made, table=OuterRef("table"), row_id=OuterRef("row_id")
    )
    return ReplacedRow.objects.filter(Exists(mine)).values("pk")


def put_back(made: BillingImport, table: str, columns: tuple[str, ...]) -> int:
    """Give rows back the columns they had; return how many.

    A column that was not there when they were remembered stays as it is.
    """
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET ({names}) = "
            f"(SELECT {', '.join(f'b.{name}' for name in columns)} "
            f"FROM jsonb_populate_record(t, r.before) b) "
            f"FROM billing_replacedrow r WHERE r.billing_import_id = %s "
            'AND r."table" = %s AND t.id = r.row_id',
            [made.pk, table],
        )
        return int(cursor.rowcount)
