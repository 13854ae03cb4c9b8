"""Dated exchange rates and the files they come in, audited."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0121_recognition_revisions"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("base", models.CharField(help_text="ISO 4217, such as EUR.", max_length=3)),
                ("quote", models.CharField(help_text="ISO 4217, such as USD.", max_length=3)),
                ("date", models.DateField(help_text="The day it was published for.")),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=12,
                        help_text="How much of the quote currency one base is.",
                        max_digits=24,
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Who published it, such as ECB.", max_length=200),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Kept with a correction.", max_length=300
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "import_line",
                    models.IntegerField(blank=True, help_text="Line in the file.", null=True),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RateImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("file_sha256", models.CharField(max_length=64)),
                ("source", models.CharField(max_length=200)),
                (
                    "rows",
                    models.JSONField(
                        default=list, help_text="Line, base, quote, day and rate, until written."
                    ),
                ),
                ("errors", models.JSONField(default=list, help_text="Line and sentence.")),
                ("created", models.IntegerField(default=0)),
                ("corrected", models.IntegerField(default=0)),
                ("unchanged", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ExchangeRateEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("base", models.CharField(help_text="ISO 4217, such as EUR.", max_length=3)),
                ("quote", models.CharField(help_text="ISO 4217, such as USD.", max_length=3)),
                ("date", models.DateField(help_text="The day it was published for.")),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=12,
                        help_text="How much of the quote currency one base is.",
                        max_digits=24,
                    ),
                ),
                (
                    "source",
                    models.CharField(help_text="Who published it, such as ECB.", max_length=200),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Kept with a correction.", max_length=300
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "import_line",
                    models.IntegerField(blank=True, help_text="Line in the file.", null=True),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="billing.exchangerate",
                    ),
                ),
                (
                    "rate_import",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="billing.rateimport",
                    ),
                ),
                (
                    "superseded_in",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="billing.rateimport",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="exchangerate",
            name="rate_import",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rates",
                to="billing.rateimport",
            ),
        ),
        migrations.AddField(
            model_name="exchangerate",
            name="superseded_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="superseded",
                to="billing.rateimport",
            ),
        ),
        migrations.CreateModel(
            name="RateImportEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("file_name", models.CharField(max_length=200)),
                ("file_sha256", models.CharField(max_length=64)),
                ("source", models.CharField(max_length=200)),
                (
                    "rows",
                    models.JSONField(
                        default=list, help_text="Line, base, quote, day and rate, until written."
                    ),
                ),
                ("errors", models.JSONField(default=list, help_text="Line and sentence.")),
                ("created", models.IntegerField(default=0)),
                ("corrected", models.IntegerField(default=0)),
                ("unchanged", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="billing.rateimport",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rateimport",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_rateimportevent" ("applied_at", "corrected", "created", "created_at", "created_by_id", "errors", "file_name", "file_sha256", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows", "source", "unchanged", "undone_at") SELECT new_values."applied_at", new_values."corrected", new_values."created", new_values."created_at", new_values."created_by_id", new_values."errors", new_values."file_name", new_values."file_sha256", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."rows", new_values."source", new_values."unchanged", new_values."undone_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="54245cbd21a3b962afbe1c7861290e861e46e27d",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_68302",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_rateimport",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rateimport",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_rateimportevent" ("applied_at", "corrected", "created", "created_at", "created_by_id", "errors", "file_name", "file_sha256", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows", "source", "unchanged", "undone_at") SELECT old_values."applied_at", old_values."corrected", old_values."created", old_values."created_at", old_values."created_by_id", old_values."errors", old_values."file_name", old_values."file_sha256", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."rows", old_values."source", old_values."unchanged", old_values."undone_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="3421d0d2bb820b630a144852fb8c7895722bbe03",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_fbe46",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_rateimport",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exchangerateevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b263d836f052a9c4ad31b8dba3fb16245af53218",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_d905e",
                    table="billing_exchangerateevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="exchangerate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at", None)),
                fields=("base", "quote", "date"),
                name="billing_exchangerate_one_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchangerate",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate__gt", 0)), name="billing_exchangerate_above_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="exchangerate",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate", models.Value("NaN")), _negated=True),
                name="billing_exchangerate_not_nan",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchangerate",
            constraint=models.CheckConstraint(
                condition=models.Q(("base__regex", "^[A-Z]{3}$"), ("quote__regex", "^[A-Z]{3}$")),
                name="billing_exchangerate_currencies_are_codes",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchangerate",
            constraint=models.CheckConstraint(
                condition=models.Q(("base", models.F("quote")), _negated=True),
                name="billing_exchangerate_of_two_currencies",
            ),
        ),
        migrations.AddConstraint(
            model_name="exchangerate",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True),
                name="billing_exchangerate_has_source",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exchangerate",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_exchangerateevent" ("base", "created_at", "created_by_id", "date", "id", "import_line", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote", "rate", "rate_import_id", "reason", "source", "superseded_at", "superseded_in_id") SELECT new_values."base", new_values."created_at", new_values."created_by_id", new_values."date", new_values."id", new_values."import_line", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."quote", new_values."rate", new_values."rate_import_id", new_values."reason", new_values."source", new_values."superseded_at", new_values."superseded_in_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b17ef3c43be3015e62363a16f4da83eecdc45e65",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_7037d",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_exchangerate",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exchangerate",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_exchangerateevent" ("base", "created_at", "created_by_id", "date", "id", "import_line", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "quote", "rate", "rate_import_id", "reason", "source", "superseded_at", "superseded_in_id") SELECT old_values."base", old_values."created_at", old_values."created_by_id", old_values."date", old_values."id", old_values."import_line", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."quote", old_values."rate", old_values."rate_import_id", old_values."reason", old_values."source", old_values."superseded_at", old_values."superseded_in_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="346c760f7f5380a6e835c4f89114c8818414fe68",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_81515",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_exchangerate",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rateimportevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4986b4ee8df9a08c85d9ad16229baf18f8aa2294",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2fc5b",
                    table="billing_rateimportevent",
                    when="BEFORE",
                ),
            ),
        ),
        append_only("billing_exchangerateevent", "billing_rateimportevent"),
    ]
