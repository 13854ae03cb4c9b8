"""Saved views of the explorer, audited."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0081_cost_pool_revisions"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("description", models.CharField(blank=True, max_length=300)),
                ("query", models.CharField(max_length=4000)),
                ("shared", models.BooleanField(default=False)),
                (
                    "pinned",
                    models.BooleanField(
                        default=False, help_text="Whether it stands in the navigation."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "permissions": [("share_savedview", "Can share saved views")],
            },
        ),
        migrations.CreateModel(
            name="SavedViewEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=80)),
                ("description", models.CharField(blank=True, max_length=300)),
                ("query", models.CharField(max_length=4000)),
                ("shared", models.BooleanField(default=False)),
                (
                    "pinned",
                    models.BooleanField(
                        default=False, help_text="Whether it stands in the navigation."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
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
                        to="billing.savedview",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                fields=("owner", "name"), name="billing_savedview_name_unique_per_owner"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="billing_savedview_named"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="savedview",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_savedviewevent" ("created_at", "description", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinned", "query", "shared", "updated_at") SELECT new_values."created_at", new_values."description", new_values."id", new_values."name", new_values."owner_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."pinned", new_values."query", new_values."shared", new_values."updated_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b5a12878766819843a47bf97a1dfbaced99f850b",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b1fbf",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_savedview",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="savedview",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_savedviewevent" ("created_at", "description", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinned", "query", "shared", "updated_at") SELECT new_values."created_at", new_values."description", new_values."id", new_values."name", new_values."owner_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."pinned", new_values."query", new_values."shared", new_values."updated_at" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="d9414105be3031cc018870ad6a6efbda712414a1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e08e0",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_savedview",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="savedview",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_savedviewevent" ("created_at", "description", "id", "name", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinned", "query", "shared", "updated_at") SELECT old_values."created_at", old_values."description", old_values."id", old_values."name", old_values."owner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."pinned", old_values."query", old_values."shared", old_values."updated_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5eea44c230617713a410f08f8909c3b01780845b",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2fe1b",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_savedview",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="savedviewevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a5ae6833cf1b8413d7921e7ac739e43a2dea0f11",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_9d482",
                    table="billing_savedviewevent",
                    when="BEFORE",
                ),
            ),
        ),
        append_only("billing_savedviewevent"),
    ]
