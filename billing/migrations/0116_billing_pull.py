"""Fetching from a biller's API, resumable."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0115_billing_mapping"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("usage", "0101_revisions_of_attributes_and_tags"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BillingPull",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("biller", models.CharField(default="stripe", max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("FETCHING", "fetching"),
                            ("DONE", "done"),
                            ("GIVEN_UP", "given up"),
                        ],
                        default="FETCHING",
                        max_length=8,
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(
                        blank=True, help_text="Empty: from the beginning.", null=True
                    ),
                ),
                ("until", models.DateTimeField()),
                (
                    "stream",
                    models.CharField(blank=True, help_text="What is being listed.", max_length=20),
                ),
                (
                    "cursor",
                    models.CharField(
                        blank=True, help_text="The last object written.", max_length=200
                    ),
                ),
                ("file_name", models.CharField(max_length=80)),
                (
                    "file_bytes",
                    models.BigIntegerField(default=0, help_text="What of the file is whole pages."),
                ),
                ("objects_fetched", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="billingpull",
            name="billing_import",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="pulls",
                to="billing.billingimport",
            ),
        ),
        migrations.AddConstraint(
            model_name="billingpull",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "FETCHING")),
                fields=("biller",),
                name="billing_pull_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="billingpull",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["FETCHING", "DONE", "GIVEN_UP"])),
                name="billing_pull_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="billingpull",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("since", None), ("until__gt", models.F("since")), _connector="OR"
                ),
                name="billing_pull_until_after_since",
            ),
        ),
    ]
