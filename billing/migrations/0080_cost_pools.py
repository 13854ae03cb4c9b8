"""Cost that several customers, plans or features share: pools, amounts, rules, and their log."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tknops.database import append_only, no_overlap


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0022_revisions"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CostPoolAmount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("HAND", "by hand"),
                            ("IMPORT", "CSV"),
                            ("USAGE", "unattributed usage"),
                        ],
                        default="HAND",
                        max_length=6,
                    ),
                ),
                ("service_start", models.DateField()),
                (
                    "service_end",
                    models.DateField(
                        blank=True,
                        help_text="Exclusive; empty: from usage, still running.",
                        null=True,
                    ),
                ),
                ("amount_minor", models.BigIntegerField(blank=True, null=True)),
                ("usage_filter", models.JSONField(blank=True, default=dict)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "import_line",
                    models.IntegerField(blank=True, help_text="Line in the file.", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CostPoolAmountEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("HAND", "by hand"),
                            ("IMPORT", "CSV"),
                            ("USAGE", "unattributed usage"),
                        ],
                        default="HAND",
                        max_length=6,
                    ),
                ),
                ("service_start", models.DateField()),
                (
                    "service_end",
                    models.DateField(
                        blank=True,
                        help_text="Exclusive; empty: from usage, still running.",
                        null=True,
                    ),
                ),
                ("amount_minor", models.BigIntegerField(blank=True, null=True)),
                ("usage_filter", models.JSONField(blank=True, default=dict)),
                ("note", models.CharField(blank=True, max_length=300)),
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
            name="CostPoolEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CAPACITY", "provisioned capacity"),
                            ("SEATS", "seats"),
                            ("EVALUATIONS", "evaluations"),
                            ("VECTOR_DATABASE", "vector database"),
                            ("GPU_RENT", "GPU rent"),
                            ("OTHER", "other"),
                        ],
                        default="OTHER",
                        max_length=15,
                    ),
                ),
                (
                    "cost_class",
                    models.CharField(
                        choices=[
                            ("COGS", "cost of revenue"),
                            ("OPEX", "operating expense"),
                            ("INTERNAL", "internal"),
                        ],
                        default="COGS",
                        help_text="Shown and grouped by; a pool of any class is in the fully loaded margin.",
                        max_length=10,
                    ),
                ),
                ("vendor", models.CharField(blank=True, max_length=200)),
                ("currency", models.CharField(help_text="ISO 4217, such as USD.", max_length=3)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CostPoolImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("rows", models.JSONField(default=list, help_text="As read, until written.")),
                ("errors", models.JSONField(default=list, help_text="Line and sentence.")),
                (
                    "created_pools",
                    models.JSONField(default=list, help_text="Pools it brought, by id."),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="CostPoolImportEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("file_name", models.CharField(max_length=200)),
                ("rows", models.JSONField(default=list, help_text="As read, until written.")),
                ("errors", models.JSONField(default=list, help_text="Line and sentence.")),
                (
                    "created_pools",
                    models.JSONField(default=list, help_text="Pools it brought, by id."),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AllocationRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("customer", "customers"),
                            ("plan", "plans"),
                            ("feature", "features"),
                        ],
                        default="customer",
                        max_length=8,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("DIRECT_COST", "by direct cost"),
                            ("TOKENS", "by tokens"),
                            ("REVENUE", "by revenue"),
                            ("EVENLY", "evenly over those with calls"),
                            ("WEIGHTS", "by fixed weights"),
                        ],
                        default="DIRECT_COST",
                        max_length=11,
                    ),
                ),
                ("filters", models.JSONField(blank=True, default=dict)),
                ("weights", models.JSONField(blank=True, default=dict)),
                ("valid_from", models.DateField(blank=True, null=True)),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: in force.", null=True
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CostPool",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CAPACITY", "provisioned capacity"),
                            ("SEATS", "seats"),
                            ("EVALUATIONS", "evaluations"),
                            ("VECTOR_DATABASE", "vector database"),
                            ("GPU_RENT", "GPU rent"),
                            ("OTHER", "other"),
                        ],
                        default="OTHER",
                        max_length=15,
                    ),
                ),
                (
                    "cost_class",
                    models.CharField(
                        choices=[
                            ("COGS", "cost of revenue"),
                            ("OPEX", "operating expense"),
                            ("INTERNAL", "internal"),
                        ],
                        default="COGS",
                        help_text="Shown and grouped by; a pool of any class is in the fully loaded margin.",
                        max_length=10,
                    ),
                ),
                ("vendor", models.CharField(blank=True, max_length=200)),
                ("currency", models.CharField(help_text="ISO 4217, such as USD.", max_length=3)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="billing_costpool_has_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")),
                        name="billing_costpool_currency_is_code",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AllocationRuleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("customer", "customers"),
                            ("plan", "plans"),
                            ("feature", "features"),
                        ],
                        default="customer",
                        max_length=8,
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("DIRECT_COST", "by direct cost"),
                            ("TOKENS", "by tokens"),
                            ("REVENUE", "by revenue"),
                            ("EVENLY", "evenly over those with calls"),
                            ("WEIGHTS", "by fixed weights"),
                        ],
                        default="DIRECT_COST",
                        max_length=11,
                    ),
                ),
                ("filters", models.JSONField(blank=True, default=dict)),
                ("weights", models.JSONField(blank=True, default=dict)),
                ("valid_from", models.DateField(blank=True, null=True)),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: in force.", null=True
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        editable=False,
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
                        to="billing.allocationrule",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="billing.costpool",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="allocationrule",
            name="pool",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rules",
                to="billing.costpool",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpool",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_costpoolevent" ("cost_class", "currency", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "vendor") SELECT new_values."cost_class", new_values."currency", new_values."id", new_values."kind", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."vendor" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="23ac248c30f69b132d330aa7d7f17caa74d836db",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_971be",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_costpool",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpool",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_costpoolevent" ("cost_class", "currency", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "vendor") SELECT new_values."cost_class", new_values."currency", new_values."id", new_values."kind", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."vendor" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="e2bfbabd3301a9d2932d63445cb320923de6c3ec",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b9a2c",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_costpool",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpool",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_costpoolevent" ("cost_class", "currency", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "vendor") SELECT old_values."cost_class", old_values."currency", old_values."id", old_values."kind", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."vendor" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="19d9477afcdb96d8accbc3d4bd11b3e1fb873498",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b2949",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_costpool",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="costpoolamount",
            name="pool",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="amounts",
                to="billing.costpool",
            ),
        ),
        migrations.AddField(
            model_name="costpoolamountevent",
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
            model_name="costpoolamountevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.costpoolamount",
            ),
        ),
        migrations.AddField(
            model_name="costpoolamountevent",
            name="pool",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.costpool",
            ),
        ),
        migrations.AddField(
            model_name="costpoolevent",
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
            model_name="costpoolevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.costpool",
            ),
        ),
        migrations.AddField(
            model_name="costpoolimport",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="costpoolamountevent",
            name="pool_import",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.costpoolimport",
            ),
        ),
        migrations.AddField(
            model_name="costpoolamount",
            name="pool_import",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="amounts",
                to="billing.costpoolimport",
            ),
        ),
        migrations.AddField(
            model_name="costpoolimportevent",
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
            model_name="costpoolimportevent",
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
            model_name="costpoolimportevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.costpoolimport",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allocationruleevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f4341d4db4aa0691d2558984a39002c2cf70836f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_ba112",
                    table="billing_allocationruleevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="allocationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None),
                    ("valid_from", None),
                    ("valid_to__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="billing_allocationrule_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocationrule",
            constraint=no_overlap("billing_allocationrule_no_overlap", "pool_id"),
        ),
        migrations.AddConstraint(
            model_name="allocationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("target__in", ["customer", "plan", "feature"])),
                name="billing_allocationrule_target_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("method__in", ["DIRECT_COST", "TOKENS", "REVENUE", "EVENLY", "WEIGHTS"])
                ),
                name="billing_allocationrule_method_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("method", "REVENUE"), ("target", "feature"), _negated=True),
                name="billing_allocationrule_revenue_has_target",
                violation_error_message="A flat fee has no feature: revenue cannot share by it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allocationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method", "WEIGHTS"), models.Q(("weights", {}), _negated=True)),
                    models.Q(models.Q(("method", "WEIGHTS"), _negated=True), ("weights", {})),
                    _connector="OR",
                ),
                name="billing_allocationrule_weights_with_method",
                violation_error_message="Fixed weights need at least one; other methods have none.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allocationrule",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_allocationruleevent" ("created_at", "created_by_id", "filters", "id", "method", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool_id", "reason", "target", "valid_from", "valid_to", "weights") SELECT new_values."created_at", new_values."created_by_id", new_values."filters", new_values."id", new_values."method", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."pool_id", new_values."reason", new_values."target", new_values."valid_from", new_values."valid_to", new_values."weights" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8f73e0eb836ec79bf051b2357784120095747e6d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3466d",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_allocationrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allocationrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_allocationruleevent" ("created_at", "created_by_id", "filters", "id", "method", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool_id", "reason", "target", "valid_from", "valid_to", "weights") SELECT new_values."created_at", new_values."created_by_id", new_values."filters", new_values."id", new_values."method", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."pool_id", new_values."reason", new_values."target", new_values."valid_from", new_values."valid_to", new_values."weights" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="f5fd851b13cb67d810914d6afbb2f3e21151bf0b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2bbc5",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_allocationrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="allocationrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_allocationruleevent" ("created_at", "created_by_id", "filters", "id", "method", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool_id", "reason", "target", "valid_from", "valid_to", "weights") SELECT old_values."created_at", old_values."created_by_id", old_values."filters", old_values."id", old_values."method", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."pool_id", old_values."reason", old_values."target", old_values."valid_from", old_values."valid_to", old_values."weights" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="7dd47587fd3fd4c6bb8924cdc0c818283080a556",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2c326",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_allocationrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpoolevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="de6071c0fed3ffdd6741b2797e8d55441a880687",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5147f",
                    table="billing_costpoolevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpoolimport",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_costpoolimportevent" ("applied_at", "created_at", "created_by_id", "created_pools", "errors", "file_name", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows", "undone_at") SELECT new_values."applied_at", new_values."created_at", new_values."created_by_id", new_values."created_pools", new_values."errors", new_values."file_name", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."rows", new_values."undone_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="0ab89a7767eb228b9afac962cb5dd816384eca7c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ffcf1",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_costpoolimport",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpoolimport",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_costpoolimportevent" ("applied_at", "created_at", "created_by_id", "created_pools", "errors", "file_name", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "rows", "undone_at") SELECT old_values."applied_at", old_values."created_at", old_values."created_by_id", old_values."created_pools", old_values."errors", old_values."file_name", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."rows", old_values."undone_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="c698ac864fd3e543a110fa59b4158ae3e3bc5ab0",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_de68b",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_costpoolimport",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpoolamountevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="367a97a1d057cba7318320759fa033156924ee06",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_03551",
                    table="billing_costpoolamountevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="costpoolamount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("service_end", None),
                    ("service_end__gt", models.F("service_start")),
                    _connector="OR",
                ),
                name="billing_costpoolamount_period_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="costpoolamount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount_minor", None),
                        ("source", "USAGE"),
                        models.Q(("usage_filter", {}), _negated=True),
                    ),
                    models.Q(
                        ("amount_minor__isnull", False),
                        ("service_end__isnull", False),
                        ("source__in", ["HAND", "IMPORT"]),
                        ("usage_filter", {}),
                    ),
                    _connector="OR",
                ),
                name="billing_costpoolamount_figure_or_filter",
            ),
        ),
        migrations.AddConstraint(
            model_name="costpoolamount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pool_import__isnull", False), ("source", "IMPORT")),
                    models.Q(models.Q(("source", "IMPORT"), _negated=True), ("pool_import", None)),
                    _connector="OR",
                ),
                name="billing_costpoolamount_import_named",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpoolamount",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_costpoolamountevent" ("amount_minor", "id", "import_line", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool_id", "pool_import_id", "service_end", "service_start", "source", "usage_filter") SELECT new_values."amount_minor", new_values."id", new_values."import_line", new_values."note", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."pool_id", new_values."pool_import_id", new_values."service_end", new_values."service_start", new_values."source", new_values."usage_filter" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="5f6592c7a9f632d790f4d1a13ba6e19950e04eb4",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a2d62",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_costpoolamount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpoolamount",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_costpoolamountevent" ("amount_minor", "id", "import_line", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool_id", "pool_import_id", "service_end", "service_start", "source", "usage_filter") SELECT new_values."amount_minor", new_values."id", new_values."import_line", new_values."note", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."pool_id", new_values."pool_import_id", new_values."service_end", new_values."service_start", new_values."source", new_values."usage_filter" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="231e0be2200d7c661fbb2185cec87e04b678ea4e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d2429",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_costpoolamount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpoolamount",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_costpoolamountevent" ("amount_minor", "id", "import_line", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pool_id", "pool_import_id", "service_end", "service_start", "source", "usage_filter") SELECT old_values."amount_minor", old_values."id", old_values."import_line", old_values."note", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."pool_id", old_values."pool_import_id", old_values."service_end", old_values."service_start", old_values."source", old_values."usage_filter" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5f582bf845f2fa8db066e88e4a170f7692fb1f82",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ccefc",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_costpoolamount",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="costpoolimportevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="fc19826025a68aa6ab0bca77eecef47169316e40",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_d1a36",
                    table="billing_costpoolimportevent",
                    when="BEFORE",
                ),
            ),
        ),
        append_only(
            "billing_allocationruleevent",
            "billing_costpoolamountevent",
            "billing_costpoolevent",
            "billing_costpoolimportevent",
        ),
    ]
