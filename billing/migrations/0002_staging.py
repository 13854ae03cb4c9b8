"""Read a billing file into staged rows first; remember what an import replaces."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplacedRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table", models.CharField(max_length=60)),
                ("row_id", models.BigIntegerField()),
                ("before", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="StagedRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.IntegerField(help_text="Line in the file.")),
                (
                    "kind",
                    models.CharField(
                        choices=[("C", "customer"), ("S", "subscription"), ("L", "invoice line")],
                        max_length=1,
                    ),
                ),
                ("digest", models.UUIDField(help_text="Over the record, without its line.")),
                ("customer_id", models.CharField(max_length=200)),
                ("customer_name", models.CharField(blank=True, max_length=200)),
                ("customer_email", models.CharField(blank=True, max_length=254)),
                ("plan", models.CharField(blank=True, max_length=200)),
                ("subscription", models.CharField(blank=True, max_length=200)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("status", models.CharField(blank=True, max_length=30)),
                ("invoice_id", models.CharField(blank=True, max_length=200)),
                ("line_id", models.CharField(blank=True, max_length=200)),
                ("number", models.CharField(blank=True, max_length=200)),
                ("invoice_date", models.DateField(null=True)),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("service_start", models.DateField(null=True)),
                ("service_end", models.DateField(null=True)),
                ("line_kind", models.CharField(blank=True, max_length=9)),
                ("credits", models.CharField(blank=True, max_length=200)),
                ("description", models.CharField(blank=True, max_length=500)),
                ("price", models.DecimalField(decimal_places=4, max_digits=20, null=True)),
                ("interval", models.CharField(blank=True, max_length=5)),
                ("quantity", models.IntegerField(null=True)),
                ("start_date", models.DateField(null=True)),
                ("trial_end_date", models.DateField(null=True)),
                ("end_date", models.DateField(null=True)),
                ("renews_date", models.DateField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="billingimport",
            name="applied_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="delimiter",
            field=models.CharField(blank=True, max_length=1),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="encoding",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="error_count",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="errors",
            field=models.JSONField(
                blank=True, default=list, help_text="Line and sentence, the first."
            ),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("STAGING", "being read"),
                    ("REFUSED", "has errors"),
                    ("STAGED", "to be confirmed"),
                    ("APPLIED", "imported"),
                    ("UNDONE", "undone"),
                ],
                default="STAGING",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="warnings",
            field=models.JSONField(blank=True, default=list),
        ),
        # Imports made before files were staged: they were written at once.
        migrations.RunSQL(
            "UPDATE billing_billingimport SET applied_at = created_at,"
            " state = CASE WHEN undone_at IS NULL THEN 'APPLIED' ELSE 'UNDONE' END",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="billingimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["STAGING", "REFUSED", "STAGED", "APPLIED", "UNDONE"])
                ),
                name="billing_import_state_known",
            ),
        ),
        migrations.AddField(
            model_name="replacedrow",
            name="billing_import",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, to="billing.billingimport"
            ),
        ),
        migrations.AddField(
            model_name="stagedrow",
            name="billing_import",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="staged",
                to="billing.billingimport",
            ),
        ),
        migrations.AddIndex(
            model_name="replacedrow",
            index=models.Index(fields=["table", "row_id"], name="billing_replacedrow_row"),
        ),
        migrations.AddConstraint(
            model_name="replacedrow",
            constraint=models.UniqueConstraint(
                fields=("billing_import", "table", "row_id"), name="billing_replacedrow_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="stagedrow",
            index=models.Index(
                fields=["billing_import", "invoice_id", "line"], name="billing_staged_row"
            ),
        ),
        # Read again from the file after a crash, so not worth the write-ahead log.
        migrations.RunSQL(
            "ALTER TABLE billing_stagedrow SET UNLOGGED", "ALTER TABLE billing_stagedrow SET LOGGED"
        ),
    ]
