"""Matches from before there was a history get a record, so that they can be taken back too."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0141_match_history_append_only")]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO billing_matchrecord (billed, before, after, reason, evidence, created_at)
            SELECT b.external_id, '', c.external_id, 'BEFORE', 'from before matches were recorded',
                   now()
            FROM billing_billingcustomer b JOIN customers_customer c ON c.id = b.customer_id
            ORDER BY b.id
            """,
            migrations.RunSQL.noop,
        )
    ]
