"""Nobody changes the history of matching."""

from django.db import migrations

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [("billing", "0140_match_history")]

    operations = [append_only("billing_matchrecord")]
