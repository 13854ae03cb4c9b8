"""Keep the subscription a line names, so that it can be linked whichever file comes first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_staging"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoiceline",
            name="subscription_reference",
            field=models.CharField(
                blank=True,
                help_text="As billed; its subscription may come later.",
                max_length=200,
            ),
        ),
        migrations.RunSQL(
            "UPDATE billing_invoiceline l SET subscription_reference = u.external_id"
            " FROM billing_subscription u WHERE u.id = l.subscription_id",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="invoiceline",
            index=models.Index(
                condition=models.Q(
                    ("subscription", None), models.Q(("subscription_reference", ""), _negated=True)
                ),
                fields=["subscription_reference"],
                name="billing_line_unlinked",
            ),
        ),
    ]
