"""Reports notice a changed adjustment; what a revision was cannot be rewritten."""

from django.db import migrations

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [("usage", "0070_price_book")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER usage_revised AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            "ON usage_priceadjustment FOR EACH STATEMENT EXECUTE FUNCTION usage_revise()",
            "DROP TRIGGER usage_revised ON usage_priceadjustment",
        ),
        append_only("usage_priceadjustmentevent", "usage_pricerevision"),
    ]
