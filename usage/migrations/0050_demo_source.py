"""Let no source with usage of its own become a demo: a demo's usage can be removed."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION usage_refuse_demo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM usage_usagebatch WHERE source_id = NEW.id) THEN
        RAISE check_violation USING MESSAGE = 'a source with usage cannot become a demo';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER usage_source_no_demo BEFORE UPDATE ON usage_source
FOR EACH ROW WHEN (NEW.is_demo AND NOT OLD.is_demo) EXECUTE FUNCTION usage_refuse_demo()
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0032_revisions")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION usage_refuse_demo()"),
        migrations.RunSQL(TRIGGER, "DROP TRIGGER usage_source_no_demo ON usage_source"),
    ]
