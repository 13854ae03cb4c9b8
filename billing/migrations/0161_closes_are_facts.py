"""What was closed, signed and tied out is never changed; closing is noticed by reports."""

from django.db import migrations

from tknops.database import append_only

FACTS = (
    "billing_monthclose", "billing_reopening", "billing_checksignature", "billing_tieout",
)  # fmt: skip
REVISED = ("billing_monthclose", "billing_reopening")
# Also for the owner: a close that could be edited would vouch for nothing.
NEVER = """
CREATE FUNCTION billing_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0160_closed_months"),
        ("usage", "0111_closed_months_are_guarded"),
    ]

    operations = [
        migrations.RunSQL(NEVER, "DROP FUNCTION billing_never_changed()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER billing_never_changed BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION billing_never_changed()",
                f"DROP TRIGGER billing_never_changed ON {table}",
            )
            for table in FACTS
        ),
        append_only(*FACTS, "billing_closerequestevent"),
        *(
            migrations.RunSQL(
                "CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
                f"DROP TRIGGER usage_revised ON {table}",
            )
            for table in REVISED
        ),
    ]
