"""An invoice's lines may come by another file than the invoice."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0112_import_reading"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("usage", "0101_revisions_of_attributes_and_tags"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="invoice",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="invoice",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="invoice",
            name="detail_fingerprint",
            field=models.CharField(
                blank=True,
                help_text="Of the file its lines came by, if not the same.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="invoiceevent",
            name="detail_fingerprint",
            field=models.CharField(
                blank=True,
                help_text="Of the file its lines came by, if not the same.",
                max_length=64,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoice",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoiceevent" ("billing_customer_id", "billing_import_id", "credits_id", "currency", "detail_fingerprint", "external_id", "fingerprint", "id", "invoice_date", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status") SELECT new_values."billing_customer_id", new_values."billing_import_id", new_values."credits_id", new_values."currency", new_values."detail_fingerprint", new_values."external_id", new_values."fingerprint", new_values."id", new_values."invoice_date", new_values."number", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."status" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="47c49a207c16c0bb716756cb94fa2f520d34540e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_28c43",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_invoice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoice",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoiceevent" ("billing_customer_id", "billing_import_id", "credits_id", "currency", "detail_fingerprint", "external_id", "fingerprint", "id", "invoice_date", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status") SELECT old_values."billing_customer_id", old_values."billing_import_id", old_values."credits_id", old_values."currency", old_values."detail_fingerprint", old_values."external_id", old_values."fingerprint", old_values."id", old_values."invoice_date", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."status" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="bf668292a0d6f236ac87e8101e26a3180f8e9c5b",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6493d",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_invoice",
                    when="AFTER",
                ),
            ),
        ),
    ]
