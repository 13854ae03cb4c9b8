"""Log every change by triggers; nobody changes the log."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_subscription_reference"),
        ("customers", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BillingCustomerEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("external_id", models.CharField(max_length=200)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("email", models.CharField(blank=True, max_length=254)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BillingImportEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("profile", models.CharField(max_length=50)),
                ("file_name", models.CharField(max_length=200)),
                ("file_sha256", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
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
                ("encoding", models.CharField(blank=True, max_length=20)),
                ("delimiter", models.CharField(blank=True, max_length=1)),
                ("rows", models.IntegerField(default=0)),
                (
                    "errors",
                    models.JSONField(
                        blank=True, default=list, help_text="Line and sentence, the first."
                    ),
                ),
                ("error_count", models.IntegerField(default=0)),
                ("warnings", models.JSONField(blank=True, default=list)),
                ("created", models.IntegerField(default=0)),
                ("unchanged", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InvoiceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("external_id", models.CharField(max_length=200)),
                ("number", models.CharField(blank=True, max_length=200)),
                ("invoice_date", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "draft"),
                            ("OPEN", "open"),
                            ("PAID", "paid"),
                            ("VOID", "void"),
                            ("UNCOLLECTIBLE", "uncollectible"),
                        ],
                        default="OPEN",
                        max_length=13,
                    ),
                ),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InvoiceLineEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("line_id", models.CharField(default="1", max_length=200)),
                ("description", models.CharField(blank=True, max_length=500)),
                (
                    "subscription_reference",
                    models.CharField(
                        blank=True,
                        help_text="As billed; its subscription may come later.",
                        max_length=200,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("RECURRING", "recurring"),
                            ("USAGE", "usage"),
                            ("ONE_TIME", "one-time"),
                            ("CREDIT", "credit"),
                            ("REFUND", "refund"),
                        ],
                        default="RECURRING",
                        max_length=9,
                    ),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(help_text="Minor units, ex tax, after discount."),
                ),
                ("service_start", models.DateField()),
                ("service_end", models.DateField(help_text="Exclusive.")),
                (
                    "import_line",
                    models.IntegerField(blank=True, help_text="Line in the file.", null=True),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PlanEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PlanPriceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("price", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                (
                    "interval",
                    models.CharField(
                        choices=[("MONTH", "month"), ("YEAR", "year")],
                        default="MONTH",
                        max_length=5,
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True)),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: in force.", null=True
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SubscriptionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("external_id", models.CharField(max_length=200)),
                ("price", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                (
                    "interval",
                    models.CharField(
                        choices=[("MONTH", "month"), ("YEAR", "year")],
                        default="MONTH",
                        max_length=5,
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=1)),
                ("status", models.CharField(default="active", max_length=30)),
                ("start_date", models.DateField()),
                ("trial_end_date", models.DateField(blank=True, null=True)),
                (
                    "end_date",
                    models.DateField(blank=True, help_text="Exclusive; empty: running.", null=True),
                ),
                ("renews_date", models.DateField(blank=True, null=True)),
                ("import_line", models.IntegerField(blank=True, null=True)),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingcustomer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingcustomerevent" ("billing_import_id", "customer_id", "email", "external_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."billing_import_id", new_values."customer_id", new_values."email", new_values."external_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ba26162eea4f1ebd9e2bbde6473683cf765b3019",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e7bfd",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_billingcustomer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingcustomer",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingcustomerevent" ("billing_import_id", "customer_id", "email", "external_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."billing_import_id", old_values."customer_id", old_values."email", old_values."external_id", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="e3ff288a6a479d2c24c9ce557a795ce76b40a28e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_7eaed",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_billingcustomer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingimport",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingimportevent" ("applied_at", "created", "created_at", "created_by_id", "delimiter", "encoding", "error_count", "errors", "file_name", "file_sha256", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile", "rows", "state", "unchanged", "undone_at", "warnings") SELECT new_values."applied_at", new_values."created", new_values."created_at", new_values."created_by_id", new_values."delimiter", new_values."encoding", new_values."error_count", new_values."errors", new_values."file_name", new_values."file_sha256", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."profile", new_values."rows", new_values."state", new_values."unchanged", new_values."undone_at", new_values."warnings" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="db920896260affe30f12a90fec4c5f028c4da0c4",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_billingimportevent" ("applied_at", "created", "created_at", "created_by_id", "delimiter", "encoding", "error_count", "errors", "file_name", "file_sha256", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "profile", "rows", "state", "unchanged", "undone_at", "warnings") SELECT old_values."applied_at", old_values."created", old_values."created_at", old_values."created_by_id", old_values."delimiter", old_values."encoding", old_values."error_count", old_values."errors", old_values."file_name", old_values."file_sha256", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."profile", old_values."rows", old_values."state", old_values."unchanged", old_values."undone_at", old_values."warnings" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="2a0d1d1fd8a9bfacf1da39ce33c26d6578954ee8",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_bb2a5",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_billingimport",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoice",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoiceevent" ("billing_customer_id", "billing_import_id", "credits_id", "currency", "external_id", "fingerprint", "id", "invoice_date", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status") SELECT new_values."billing_customer_id", new_values."billing_import_id", new_values."credits_id", new_values."currency", new_values."external_id", new_values."fingerprint", new_values."id", new_values."invoice_date", new_values."number", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."status" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9c9506e0079ed433c738f9d986afab0717a76a11",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoiceevent" ("billing_customer_id", "billing_import_id", "credits_id", "currency", "external_id", "fingerprint", "id", "invoice_date", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "status") SELECT old_values."billing_customer_id", old_values."billing_import_id", old_values."credits_id", old_values."currency", old_values."external_id", old_values."fingerprint", old_values."id", old_values."invoice_date", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."status" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="cf2e8609943082337d1864f90a5ae87fdce50d43",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6493d",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_invoice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoiceline",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoicelineevent" ("amount_minor", "description", "id", "import_line", "invoice_id", "kind", "line_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "service_end", "service_start", "subscription_id", "subscription_reference") SELECT new_values."amount_minor", new_values."description", new_values."id", new_values."import_line", new_values."invoice_id", new_values."kind", new_values."line_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."plan_id", new_values."service_end", new_values."service_start", new_values."subscription_id", new_values."subscription_reference" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a837a69c576e0cfd84f4623b51b2718e8d66dab8",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c2b22",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_invoiceline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoiceline",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoicelineevent" ("amount_minor", "description", "id", "import_line", "invoice_id", "kind", "line_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "service_end", "service_start", "subscription_id", "subscription_reference") SELECT old_values."amount_minor", old_values."description", old_values."id", old_values."import_line", old_values."invoice_id", old_values."kind", old_values."line_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."plan_id", old_values."service_end", old_values."service_start", old_values."subscription_id", old_values."subscription_reference" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="225f1393a08937b658a7574beb5f5a9ea7de62e4",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_7184d",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_invoiceline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_planevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8f26db563460a38c52fb46d33156192ea6feda2f",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_85755",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_plan",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_planevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="eb016e87954437c2703703fdfe1416b30b0686cb",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_586bc",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_plan",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="plan",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_planevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."code", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="7e4eec0fe547c5f82b03c8eede63744f4b208f34",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_92eaf",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_plan",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planprice",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_planpriceevent" ("currency", "id", "interval", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "price", "valid_from", "valid_to") SELECT new_values."currency", new_values."id", new_values."interval", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."plan_id", new_values."price", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="751c6c662a546692bf0d5a27af59a54ee6d7b1b1",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c491c",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_planprice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planprice",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_planpriceevent" ("currency", "id", "interval", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "price", "valid_from", "valid_to") SELECT new_values."currency", new_values."id", new_values."interval", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."plan_id", new_values."price", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="c9092dc6a0c5d0df4d0cfceca450262353cc5f8b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2a43d",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_planprice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planprice",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_planpriceevent" ("currency", "id", "interval", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "price", "valid_from", "valid_to") SELECT old_values."currency", old_values."id", old_values."interval", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."plan_id", old_values."price", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="99c3185f2a3df3cb1646d6e32e606c42f7e4f10e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d6a93",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_planprice",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subscription",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_subscriptionevent" ("billing_customer_id", "billing_import_id", "currency", "end_date", "external_id", "fingerprint", "id", "import_line", "interval", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "price", "quantity", "renews_date", "start_date", "status", "trial_end_date") SELECT new_values."billing_customer_id", new_values."billing_import_id", new_values."currency", new_values."end_date", new_values."external_id", new_values."fingerprint", new_values."id", new_values."import_line", new_values."interval", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."plan_id", new_values."price", new_values."quantity", new_values."renews_date", new_values."start_date", new_values."status", new_values."trial_end_date" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="1f0d402c3724eea6f752dd3d576bc87c3de56839",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_5c2d2",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_subscription",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subscription",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_subscriptionevent" ("billing_customer_id", "billing_import_id", "currency", "end_date", "external_id", "fingerprint", "id", "import_line", "interval", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "price", "quantity", "renews_date", "start_date", "status", "trial_end_date") SELECT old_values."billing_customer_id", old_values."billing_import_id", old_values."currency", old_values."end_date", old_values."external_id", old_values."fingerprint", old_values."id", old_values."import_line", old_values."interval", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."plan_id", old_values."price", old_values."quantity", old_values."renews_date", old_values."start_date", old_values."status", old_values."trial_end_date" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="902aff0a7bc9dd90997d73bbe287ebace54f872e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_bb9c3",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_subscription",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="billingcustomerevent",
            name="billing_import",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.billingimport",
            ),
        ),
        migrations.AddField(
            model_name="billingcustomerevent",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="billingcustomerevent",
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
            model_name="billingcustomerevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.billingcustomer",
            ),
        ),
        migrations.AddField(
            model_name="billingimportevent",
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
            model_name="billingimportevent",
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
            model_name="billingimportevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.billingimport",
            ),
        ),
        migrations.AddField(
            model_name="invoiceevent",
            name="billing_customer",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.billingcustomer",
            ),
        ),
        migrations.AddField(
            model_name="invoiceevent",
            name="billing_import",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.billingimport",
            ),
        ),
        migrations.AddField(
            model_name="invoiceevent",
            name="credits",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="invoiceevent",
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
            model_name="invoiceevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="invoicelineevent",
            name="invoice",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="invoicelineevent",
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
            model_name="invoicelineevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.invoiceline",
            ),
        ),
        migrations.AddField(
            model_name="invoicelineevent",
            name="plan",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.plan",
            ),
        ),
        migrations.AddField(
            model_name="invoicelineevent",
            name="subscription",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.subscription",
            ),
        ),
        migrations.AddField(
            model_name="planevent",
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
            model_name="planevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.plan",
            ),
        ),
        migrations.AddField(
            model_name="planpriceevent",
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
            model_name="planpriceevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.planprice",
            ),
        ),
        migrations.AddField(
            model_name="planpriceevent",
            name="plan",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.plan",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionevent",
            name="billing_customer",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.billingcustomer",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionevent",
            name="billing_import",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.billingimport",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionevent",
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
            model_name="subscriptionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.subscription",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionevent",
            name="plan",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.plan",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingcustomerevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="483dfec306a4ffc1552e3fa114aeb74c7bd7eb06",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_46989",
                    table="billing_billingcustomerevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="billingimportevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="cd6e54fda25fee6c7032845415e6d2782fd294f4",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b94b6",
                    table="billing_billingimportevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoiceevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="05b718cad763793ddb677bf941071b79bc8029ff",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_d262c",
                    table="billing_invoiceevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoicelineevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="28a67c0d362936d36df9d28de107fc9b54314738",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b8f95",
                    table="billing_invoicelineevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="96ad3dd2ef9ef78c848980523cdf3dc6cbbe121f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3f197",
                    table="billing_planevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="planpriceevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2e87937bad602cc761cffcde36837cf85482c9e1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f617c",
                    table="billing_planpriceevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subscriptionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b439b6c2e560b74a06f25e89d502c23279fb200c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_d89a3",
                    table="billing_subscriptionevent",
                    when="BEFORE",
                ),
            ),
        ),
        append_only(
            "billing_billingcustomerevent",
            "billing_billingimportevent",
            "billing_invoiceevent",
            "billing_invoicelineevent",
            "billing_planevent",
            "billing_planpriceevent",
            "billing_subscriptionevent",
        ),
    ]
