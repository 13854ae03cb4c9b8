"""Named mappings of columns, audited."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0114_staged_payments"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("usage", "0101_revisions_of_attributes_and_tags"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BillingMapping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=50, unique=True)),
                (
                    "columns",
                    models.JSONField(default=dict, help_text="Field of the template → column."),
                ),
                (
                    "constants",
                    models.JSONField(
                        blank=True, default=dict, help_text="Field → the same on each row."
                    ),
                ),
                (
                    "last_day_counts",
                    models.BooleanField(
                        default=False,
                        help_text="Whether the end of the service names its last day.",
                    ),
                ),
                ("decimal", models.CharField(blank=True, max_length=1)),
                ("dates", models.CharField(blank=True, max_length=3)),
                ("accounting", models.BooleanField(default=False)),
                (
                    "file_columns",
                    models.JSONField(default=list, help_text="The header it was made for, sorted."),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="BillingMappingEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=50)),
                (
                    "columns",
                    models.JSONField(default=dict, help_text="Field of the template → column."),
                ),
                (
                    "constants",
                    models.JSONField(
                        blank=True, default=dict, help_text="Field → the same on each row."
                    ),
                ),
                (
                    "last_day_counts",
                    models.BooleanField(
                        default=False,
                        help_text="Whether the end of the service names its last day.",
                    ),
                ),
                ("decimal", models.CharField(blank=True, max_length=1)),
                ("dates", models.CharField(blank=True, max_length=3)),
                ("accounting", models.BooleanField(default=False)),
                (
                    "file_columns",
                    models.JSONField(default=list, help_text="The header it was made for, sorted."),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="billingmapping",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="billingmappingevent",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="billingmappingevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="billingmappingevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.billingmapping",
            ),
        ),
        migrations.AddConstraint(
            model_name="billingmapping",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="billing_mapping_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="billingmapping",
            constraint=models.CheckConstraint(
                condition=models.Q(("decimal__in", ["", ".", ","])),
                name="billing_mapping_decimal_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="billingmapping",
            constraint=models.CheckConstraint(
                condition=models.Q(("dates__in", ["", "YMD", "DMY", "MDY"])),
                name="billing_mapping_dates_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingmapping",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingmappingevent" ("accounting", "columns", "constants", "created_at", "created_by_id", "dates", "decimal", "file_columns", "id", "last_day_counts", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."accounting", new_values."columns", new_values."constants", new_values."created_at", new_values."created_by_id", new_values."dates", new_values."decimal", new_values."file_columns", new_values."id", new_values."last_day_counts", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="5a7cd64f0adebc23934166b963fe4f65276d88fa",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c1971",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_billingmapping",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingmapping",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingmappingevent" ("accounting", "columns", "constants", "created_at", "created_by_id", "dates", "decimal", "file_columns", "id", "last_day_counts", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."accounting", new_values."columns", new_values."constants", new_values."created_at", new_values."created_by_id", new_values."dates", new_values."decimal", new_values."file_columns", new_values."id", new_values."last_day_counts", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="38beb7d8355b2b3a21148dba9353d4f2d156c062",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_fc65c",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_billingmapping",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingmapping",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingmappingevent" ("accounting", "columns", "constants", "created_at", "created_by_id", "dates", "decimal", "file_columns", "id", "last_day_counts", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."accounting", old_values."columns", old_values."constants", old_values."created_at", old_values."created_by_id", old_values."dates", old_values."decimal", old_values."file_columns", old_values."id", old_values."last_day_counts", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="d85b379eafa0b71feaa698ddd63214f9413578c2",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_97ecd",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_billingmapping",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingmappingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="afacd79d09f086cf4b45da17821b6632218744ce",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_8f4a7",
                    table="billing_billingmappingevent",
                    when="BEFORE",
                ),
            ),
        ),
        append_only("billing_billingmappingevent"),
    ]
