"""Let nobody but the application's role call what may delete demo events."""

from django.db import migrations

_GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tknops_app') THEN
        GRANT EXECUTE ON FUNCTION usage_remove_demo() TO tknops_app;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0050_demo_source")]

    operations = [
        migrations.RunSQL(
            "REVOKE EXECUTE ON FUNCTION usage_remove_demo() FROM PUBLIC",
            "GRANT EXECUTE ON FUNCTION usage_remove_demo() TO PUBLIC",
        ),
        migrations.RunSQL(_GRANT, migrations.RunSQL.noop),
    ]
