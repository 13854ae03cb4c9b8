"""Record every change of the settings revenue is recognised by."""

from django.db import migrations

TABLES = (
    "billing_invoicesplit", "billing_planprice", "billing_recognitionpolicy",
    "billing_subscriptionpause",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("billing", "0120_recognition_policies"), ("usage", "0032_revisions")]

    operations = [
        migrations.RunSQL(
            "CREATE OR REPLACE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
            f"DROP TRIGGER IF EXISTS usage_revised ON {table}",
        )
        for table in TABLES
    ]
