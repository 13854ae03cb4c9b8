"""Record every change of a table that reports are made from, whoever makes it."""

import django.contrib.postgres.functions
from django.db import migrations, models

# A statement's trigger: one row per statement, also for raw SQL, COPY and bulk writes.
FUNCTION = """
CREATE FUNCTION usage_revise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_revision (table_name, operation) VALUES (TG_TABLE_NAME, TG_OP);
    RETURN NULL;
END $$
"""
TABLES = (
    "customers_customer", "customers_customeralias", "customers_customerattribute",
    "customers_enduser", "customers_enduseralias", "customers_team", "customers_teamalias",
    "usage_attribution", "usage_context", "usage_feature", "usage_featurealias", "usage_modelalias", "usage_price",
    "usage_provider", "usage_sku", "usage_source",
)  # fmt: skip
# A new reference changes nothing that was there; recording each would only cost the ingestion.
EDITED = ("usage_enduserreference",)


def _trigger(table: str, when: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER usage_revised AFTER {when} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
        f"DROP TRIGGER usage_revised ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("usage", "0031_aliases"), ("customers", "0003_aliases")]

    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("table_name", models.CharField(max_length=63)),
                ("operation", models.CharField(max_length=8)),
            ],
        ),
        migrations.CreateModel(
            name="Derivation",
            fields=[
                ("name", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("made_from", models.TextField()),
            ],
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION usage_revise()"),
        *(_trigger(table, "INSERT OR UPDATE OR DELETE OR TRUNCATE") for table in TABLES),
        *(_trigger(table, "UPDATE OR DELETE OR TRUNCATE") for table in EDITED),
    ]
