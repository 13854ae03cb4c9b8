"""Log decisions too."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0020_report_permissions"),
        ("customers", "0003_aliases"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DecisionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("REPRICE", "reprice"),
                            ("CAP", "cap usage"),
                            ("SWAP_MODEL", "swap model"),
                            ("ACCEPT", "accept"),
                        ],
                        max_length=10,
                    ),
                ),
                ("owner", models.CharField(help_text="Who sees it through.", max_length=200)),
                ("decision_date", models.DateField()),
                ("expected_effect", models.CharField(blank=True, max_length=300)),
                (
                    "expected_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        help_text="Expected change of the AI margin a month, in the reporting currency.",
                        max_digits=20,
                        null=True,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_decisionevent" ("created_at", "created_by_id", "customer_id", "decision_date", "expected_amount", "expected_effect", "id", "kind", "note", "owner", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id") SELECT new_values."created_at", new_values."created_by_id", new_values."customer_id", new_values."decision_date", new_values."expected_amount", new_values."expected_effect", new_values."id", new_values."kind", new_values."note", new_values."owner", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."plan_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="52e9df66cc23c2c5b91f50753d0dcdfb9386ca00",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b0645",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_decision",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_decisionevent" ("created_at", "created_by_id", "customer_id", "decision_date", "expected_amount", "expected_effect", "id", "kind", "note", "owner", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id") SELECT new_values."created_at", new_values."created_by_id", new_values."customer_id", new_values."decision_date", new_values."expected_amount", new_values."expected_effect", new_values."id", new_values."kind", new_values."note", new_values."owner", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."plan_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9c7468889a639959828db247c7c66db2e3deecc4",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b54fb",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_decision",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="decision",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_decisionevent" ("created_at", "created_by_id", "customer_id", "decision_date", "expected_amount", "expected_effect", "id", "kind", "note", "owner", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id") SELECT old_values."created_at", old_values."created_by_id", old_values."customer_id", old_values."decision_date", old_values."expected_amount", old_values."expected_effect", old_values."id", old_values."kind", old_values."note", old_values."owner", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."plan_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="764c50ddc2acb274d5c4c5431057ac334906e03b",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_b1df9",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_decision",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="decisionevent",
            name="created_by",
            field=models.ForeignKey(
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
        migrations.AddField(
            model_name="decisionevent",
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
            model_name="decisionevent",
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
            model_name="decisionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.decision",
            ),
        ),
        migrations.AddField(
            model_name="decisionevent",
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
        pgtrigger.migrations.AddTrigger(
            model_name="decisionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4b7c2e42b893a36b681953aba69f1adf6fe67fe7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_e1ea0",
                    table="billing_decisionevent",
                    when="BEFORE",
                ),
            ),
        ),
        append_only("billing_decisionevent"),
    ]
