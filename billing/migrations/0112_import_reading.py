"""How a billing file is read, kept and answered for."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0111_payment_event_revisions"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("usage", "0101_revisions_of_attributes_and_tags"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="billingimport",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="billingimport",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="billingimport",
            name="billing_import_state_known",
        ),
        migrations.AddField(
            model_name="billingimport",
            name="api_key",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="usage.apikey",
            ),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="asks",
            field=models.JSONField(blank=True, default=list, help_text="What a person has to say."),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="kept_as",
            field=models.CharField(
                blank=True,
                help_text="Our name of the file, kept until it is decided on.",
                max_length=80,
            ),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="left_out",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Rows that are no revenue: why, how many, how much.",
            ),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="reading",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="What a person said: dialect, columns, replacing.",
            ),
        ),
        migrations.AddField(
            model_name="billingimport",
            name="style",
            field=models.JSONField(
                blank=True, default=dict, help_text="How figures and dates were read."
            ),
        ),
        migrations.AddField(
            model_name="billingimportevent",
            name="api_key",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="usage.apikey",
            ),
        ),
        migrations.AddField(
            model_name="billingimportevent",
            name="asks",
            field=models.JSONField(blank=True, default=list, help_text="What a person has to say."),
        ),
        migrations.AddField(
            model_name="billingimportevent",
            name="kept_as",
            field=models.CharField(
                blank=True,
                help_text="Our name of the file, kept until it is decided on.",
                max_length=80,
            ),
        ),
        migrations.AddField(
            model_name="billingimportevent",
            name="left_out",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Rows that are no revenue: why, how many, how much.",
            ),
        ),
        migrations.AddField(
            model_name="billingimportevent",
            name="reading",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="What a person said: dialect, columns, replacing.",
            ),
        ),
        migrations.AddField(
            model_name="billingimportevent",
            name="style",
            field=models.JSONField(
                blank=True, default=dict, help_text="How figures and dates were read."
            ),
        ),
        migrations.AlterField(
            model_name="billingimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("STAGING", "being read"),
                    ("ASKING", "asks how to read it"),
                    ("REFUSED", "has errors"),
                    ("STAGED", "to be confirmed"),
                    ("APPLIED", "imported"),
                    ("UNDONE", "undone"),
                ],
                default="STAGING",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="billingimportevent",
            name="state",
            field=models.CharField(
                choices=[
                    ("STAGING", "being read"),
                    ("ASKING", "asks how to read it"),
                    ("REFUSED", "has errors"),
                    ("STAGED", "to be confirmed"),
                    ("APPLIED", "imported"),
                    ("UNDONE", "undone"),
                ],
                default="STAGING",
                max_length=8,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingimport",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingimportevent" ("api_key_id", "applied_at", "asks", "created", "created_at", "created_by_id", "delimiter", "encoding", "error_count", "errors", "file_name", "file_sha256", "id", "kept_as", "left_out", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile", "reading", "rows", "state", "style", "unchanged", "undone_at", "warnings") SELECT new_values."api_key_id", new_values."applied_at", new_values."asks", new_values."created", new_values."created_at", new_values."created_by_id", new_values."delimiter", new_values."encoding", new_values."error_count", new_values."errors", new_values."file_name", new_values."file_sha256", new_values."id", new_values."kept_as", new_values."left_out", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."profile", new_values."reading", new_values."rows", new_values."state", new_values."style", new_values."unchanged", new_values."undone_at", new_values."warnings" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a1408cdbcaf00e2d6217e4dbf4a4e69e31744819",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_79063",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_billingimport",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingimport",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingimportevent" ("api_key_id", "applied_at", "asks", "created", "created_at", "created_by_id", "delimiter", "encoding", "error_count", "errors", "file_name", "file_sha256", "id", "kept_as", "left_out", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile", "reading", "rows", "state", "style", "unchanged", "undone_at", "warnings") SELECT old_values."api_key_id", old_values."applied_at", old_values."asks", old_values."created", old_values."created_at", old_values."created_by_id", old_values."delimiter", old_values."encoding", old_values."error_count", old_values."errors", old_values."file_name", old_values."file_sha256", old_values."id", old_values."kept_as", old_values."left_out", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."profile", old_values."reading", old_values."rows", old_values."state", old_values."style", old_values."unchanged", old_values."undone_at", old_values."warnings" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="9936b48486a9cdfa23e076a04ed2e68871df25d8",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_bb2a5",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_billingimport",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="billingimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["STAGING", "ASKING", "REFUSED", "STAGED", "APPLIED", "UNDONE"])
                ),
                name="billing_import_state_known",
            ),
        ),
    ]
