"""Record every change of the rates figures are converted by, whoever makes it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0130_exchange_rates"), ("usage", "0032_revisions")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            "ON billing_exchangerate FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
            "DROP TRIGGER usage_revised ON billing_exchangerate",
        )
    ]
