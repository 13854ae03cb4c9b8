"""Payments, refunds and disputes at their dates, audited."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0100_plan_price_overlap_by_field"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("external_id", models.CharField(max_length=200, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("PAYMENT", "payment"),
                            ("REFUND", "refund"),
                            ("DISPUTE", "dispute"),
                            ("DISPUTE_WON", "dispute won"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "invoice_reference",
                    models.CharField(
                        blank=True,
                        help_text="The invoice's id or number as the biller wrote it; it may not be here.",
                        max_length=200,
                    ),
                ),
                ("occurred_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "amount_minor",
                    models.BigIntegerField(help_text="Minor units, above 0 whatever the kind."),
                ),
                (
                    "fee_minor",
                    models.BigIntegerField(
                        blank=True,
                        help_text="What the biller kept of it; empty: not stated.",
                        null=True,
                    ),
                ),
                (
                    "import_line",
                    models.IntegerField(blank=True, help_text="Line in the file.", null=True),
                ),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                (
                    "billing_customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payment_events",
                        to="billing.billingcustomer",
                    ),
                ),
                (
                    "billing_import",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payment_events",
                        to="billing.billingimport",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentEventEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("external_id", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("PAYMENT", "payment"),
                            ("REFUND", "refund"),
                            ("DISPUTE", "dispute"),
                            ("DISPUTE_WON", "dispute won"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "invoice_reference",
                    models.CharField(
                        blank=True,
                        help_text="The invoice's id or number as the biller wrote it; it may not be here.",
                        max_length=200,
                    ),
                ),
                ("occurred_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "amount_minor",
                    models.BigIntegerField(help_text="Minor units, above 0 whatever the kind."),
                ),
                (
                    "fee_minor",
                    models.BigIntegerField(
                        blank=True,
                        help_text="What the biller kept of it; empty: not stated.",
                        null=True,
                    ),
                ),
                (
                    "import_line",
                    models.IntegerField(blank=True, help_text="Line in the file.", null=True),
                ),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                (
                    "billing_customer",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="billing.billingcustomer",
                    ),
                ),
                (
                    "billing_import",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="billing.billingimport",
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
                        to="billing.paymentevent",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="paymentevent",
            index=models.Index(fields=["occurred_on", "kind"], name="billing_payment_occurred"),
        ),
        migrations.AddIndex(
            model_name="paymentevent",
            index=models.Index(
                condition=models.Q(("invoice_reference", ""), _negated=True),
                fields=["invoice_reference"],
                name="billing_payment_invoice",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                name="billing_paymentevent_has_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["PAYMENT", "REFUND", "DISPUTE", "DISPUTE_WON"])),
                name="billing_paymentevent_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)),
                name="billing_paymentevent_amount_above_0",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                name="billing_paymentevent_currency_is_code",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paymentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_paymenteventevent" ("amount_minor", "billing_customer_id", "billing_import_id", "currency", "external_id", "fee_minor", "fingerprint", "id", "import_line", "invoice_reference", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."amount_minor", new_values."billing_customer_id", new_values."billing_import_id", new_values."currency", new_values."external_id", new_values."fee_minor", new_values."fingerprint", new_values."id", new_values."import_line", new_values."invoice_reference", new_values."kind", new_values."occurred_on", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ad633e35ad631973fb4b0d3d8c09b07fe1e95600",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_baa8a",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_paymentevent",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paymentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_paymenteventevent" ("amount_minor", "billing_customer_id", "billing_import_id", "currency", "external_id", "fee_minor", "fingerprint", "id", "import_line", "invoice_reference", "kind", "occurred_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."amount_minor", old_values."billing_customer_id", old_values."billing_import_id", old_values."currency", old_values."external_id", old_values."fee_minor", old_values."fingerprint", old_values."id", old_values."import_line", old_values."invoice_reference", old_values."kind", old_values."occurred_on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="4a4eed7b1078c6138492bf664f45779a2a32a792",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_0034c",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_paymentevent",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paymenteventevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="795792c407a56ff150742b23f9602de5cf13e3d8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_abef8",
                    table="billing_paymenteventevent",
                    when="BEFORE",
                ),
            ),
        ),
        append_only("billing_paymenteventevent"),
    ]
