"""Record every change of payments, refunds and disputes: revenue is made from them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0110_payment_event"), ("usage", "0032_revisions")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            "ON billing_paymentevent FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
            "DROP TRIGGER usage_revised ON billing_paymentevent",
        )
    ]
