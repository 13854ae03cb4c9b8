"""Let what is derived notice a revision of the rules, and let nobody change one."""

from django.db import migrations

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [("usage", "0060_attribution_rules")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            "ON usage_rulerevision FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
            "DROP TRIGGER usage_revised ON usage_rulerevision",
        ),
        append_only("usage_rulerevision", "usage_attributionruleevent", "usage_ruleconditionevent"),
    ]
