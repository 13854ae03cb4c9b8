"""Record every change of a table that shared cost is made from, whoever makes it."""

from django.db import migrations

TABLES = ("billing_costpool", "billing_costpoolamount", "billing_allocationrule")


class Migration(migrations.Migration):
    dependencies = [("billing", "0080_cost_pools"), ("usage", "0032_revisions")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
            f"DROP TRIGGER usage_revised ON {table}",
        )
        for table in TABLES
    ]
