"""Record every change of a table that revenue is made from, whoever makes it."""

from django.db import migrations

TABLES = (
    "billing_billingcustomer", "billing_invoice", "billing_invoiceline", "billing_plan",
    "billing_subscription",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("billing", "0021_decision_audit"), ("usage", "0032_revisions")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
            f"DROP TRIGGER usage_revised ON {table}",
        )
        for table in TABLES
    ]
