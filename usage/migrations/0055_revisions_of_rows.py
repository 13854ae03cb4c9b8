"""Record a change of attributions only if a row changed: a fold that changes none is no change."""

from django.db import migrations

# The statement that derives attributions always runs its UPDATE and its INSERT, mostly on no row;
# a statement's trigger fires all the same, so it looks at the rows.
FUNCTION = """
CREATE FUNCTION usage_revise_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM touched) THEN
        INSERT INTO usage_revision (table_name, operation) VALUES (TG_TABLE_NAME, TG_OP);
    END IF;
    RETURN NULL;
END $$
"""
BEFORE = (
    "CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
    "ON usage_attribution FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()"
)


def _trigger(operation: str, rows: str) -> migrations.RunSQL:
    name = f"usage_revised_{operation.lower()}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {operation} ON usage_attribution "
        f"REFERENCING {rows} TABLE AS touched "
        "FOR EACH STATEMENT EXECUTE FUNCTION usage_revise_rows()",
        f"DROP TRIGGER {name} ON usage_attribution",
    )


class Migration(migrations.Migration):
    dependencies = [("usage", "0051_only_the_application_removes_the_demo")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION usage_revise_rows()"),
        migrations.RunSQL("DROP TRIGGER usage_revised ON usage_attribution", BEFORE),
        migrations.RunSQL(
            "CREATE TRIGGER usage_revised AFTER TRUNCATE ON usage_attribution "
            "FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
            "DROP TRIGGER usage_revised ON usage_attribution",
        ),
        _trigger("INSERT", "NEW"),
        _trigger("UPDATE", "OLD"),
        _trigger("DELETE", "OLD"),
    ]
