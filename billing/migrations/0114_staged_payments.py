"""Payments, refunds and disputes are staged too."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0113_invoice_details"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("usage", "0101_revisions_of_attributes_and_tags"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="stagedrow",
            name="charge",
            field=models.CharField(blank=True, max_length=90),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="event_kind",
            field=models.CharField(blank=True, max_length=11),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="fee_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="occurred_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="reference",
            field=models.CharField(blank=True, max_length=90),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="running",
            field=models.BooleanField(
                help_text="Whether the amount is all there was of the kind by then.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="stagedrow",
            name="kind",
            field=models.CharField(
                choices=[
                    ("C", "customer"),
                    ("S", "subscription"),
                    ("L", "invoice line"),
                    ("P", "payment, refund or dispute"),
                ],
                max_length=1,
            ),
        ),
    ]
