"""How revenue of a plan is recognised, pauses of subscriptions, splits of invoices; audited."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from tknops.database import append_only, no_overlap


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0116_billing_pull"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvoiceSplitEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("LIST_PRICE", "by plan list price and days"),
                            ("EVENLY", "evenly"),
                        ],
                        default="LIST_PRICE",
                        max_length=10,
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True)),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: in force.", null=True
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RecognitionPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "one_off_months",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="One-off lines without a period: over so many months; empty: at once.",
                        null=True,
                    ),
                ),
                (
                    "prepaid",
                    models.CharField(
                        choices=[
                            ("NO", "no prepaid credits"),
                            ("KEPT", "prepaid credits, no breakage"),
                            ("AT_EXPIRY", "prepaid credits, breakage at expiry"),
                            ("PROPORTIONAL", "prepaid credits, breakage in proportion to drawdown"),
                        ],
                        default="NO",
                        max_length=12,
                    ),
                ),
                (
                    "expiry_months",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Credits expire so many months after the service start.",
                        null=True,
                    ),
                ),
                (
                    "breakage_pct",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="The share of credits expected never to be drawn, in percent.",
                        max_digits=5,
                        null=True,
                    ),
                ),
                (
                    "accrual",
                    models.CharField(
                        choices=[
                            ("OFF", "not accrued"),
                            ("LAST_RATE", "at the rate of the last billed usage"),
                            ("UNIT_PRICE", "at the unit price"),
                        ],
                        default="OFF",
                        max_length=10,
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[("EVENTS", "calls"), ("TOKENS", "tokens"), ("UNITS", "units")],
                        default="EVENTS",
                        max_length=6,
                    ),
                ),
                (
                    "unit_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=10,
                        help_text="What they pay per 1,000,000 of the measure.",
                        max_digits=20,
                        null=True,
                    ),
                ),
                (
                    "currency",
                    models.CharField(blank=True, help_text="Of the unit price.", max_length=3),
                ),
                ("valid_from", models.DateField(blank=True, null=True)),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: in force.", null=True
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
            ],
            options={
                "verbose_name": "recognition policy",
                "verbose_name_plural": "recognition policies",
            },
        ),
        migrations.CreateModel(
            name="RecognitionPolicyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "one_off_months",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="One-off lines without a period: over so many months; empty: at once.",
                        null=True,
                    ),
                ),
                (
                    "prepaid",
                    models.CharField(
                        choices=[
                            ("NO", "no prepaid credits"),
                            ("KEPT", "prepaid credits, no breakage"),
                            ("AT_EXPIRY", "prepaid credits, breakage at expiry"),
                            ("PROPORTIONAL", "prepaid credits, breakage in proportion to drawdown"),
                        ],
                        default="NO",
                        max_length=12,
                    ),
                ),
                (
                    "expiry_months",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Credits expire so many months after the service start.",
                        null=True,
                    ),
                ),
                (
                    "breakage_pct",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="The share of credits expected never to be drawn, in percent.",
                        max_digits=5,
                        null=True,
                    ),
                ),
                (
                    "accrual",
                    models.CharField(
                        choices=[
                            ("OFF", "not accrued"),
                            ("LAST_RATE", "at the rate of the last billed usage"),
                            ("UNIT_PRICE", "at the unit price"),
                        ],
                        default="OFF",
                        max_length=10,
                    ),
                ),
                (
                    "measure",
                    models.CharField(
                        choices=[("EVENTS", "calls"), ("TOKENS", "tokens"), ("UNITS", "units")],
                        default="EVENTS",
                        max_length=6,
                    ),
                ),
                (
                    "unit_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=10,
                        help_text="What they pay per 1,000,000 of the measure.",
                        max_digits=20,
                        null=True,
                    ),
                ),
                (
                    "currency",
                    models.CharField(blank=True, help_text="Of the unit price.", max_length=3),
                ),
                ("valid_from", models.DateField(blank=True, null=True)),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: in force.", null=True
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SubscriptionPause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField()),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: still paused.", null=True
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="SubscriptionPauseEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("valid_from", models.DateField()),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: still paused.", null=True
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InvoiceSplit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("LIST_PRICE", "by plan list price and days"),
                            ("EVENLY", "evenly"),
                        ],
                        default="LIST_PRICE",
                        max_length=10,
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True)),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: in force.", null=True
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
            ],
            options={
                "verbose_name": "invoice split",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None),
                            ("valid_from", None),
                            ("valid_to__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="billing_invoicesplit_ends_after_start",
                    ),
                    no_overlap("billing_invoicesplit_no_overlap"),
                    models.CheckConstraint(
                        condition=models.Q(("method__in", ["LIST_PRICE", "EVENLY"])),
                        name="billing_invoicesplit_method_known",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoicesplit",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoicesplitevent" ("id", "method", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "valid_from", "valid_to") SELECT new_values."id", new_values."method", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a1acbbdb868c45f21661df1b77cd8d972bddc59b",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6c719",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_invoicesplit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoicesplit",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoicesplitevent" ("id", "method", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "valid_from", "valid_to") SELECT new_values."id", new_values."method", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="3a18efd22e41400580eb3693d75b51f140d56359",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6ee39",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_invoicesplit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoicesplit",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_invoicesplitevent" ("id", "method", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "valid_from", "valid_to") SELECT old_values."id", old_values."method", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="05781b615a8a8139beab1c69c91f23fbaddeb47b",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_843f4",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_invoicesplit",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="invoicesplitevent",
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
            model_name="invoicesplitevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.invoicesplit",
            ),
        ),
        migrations.AddField(
            model_name="recognitionpolicy",
            name="plan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="policies",
                to="billing.plan",
            ),
        ),
        migrations.AddField(
            model_name="recognitionpolicyevent",
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
            model_name="recognitionpolicyevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.recognitionpolicy",
            ),
        ),
        migrations.AddField(
            model_name="recognitionpolicyevent",
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
            model_name="subscriptionpause",
            name="subscription",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pauses",
                to="billing.subscription",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionpauseevent",
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
            model_name="subscriptionpauseevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.subscriptionpause",
            ),
        ),
        migrations.AddField(
            model_name="subscriptionpauseevent",
            name="subscription",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="billing.subscription",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="invoicesplitevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="575f335c9fd016008469ba662231c0d73b3a273f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_0edbb",
                    table="billing_invoicesplitevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="recognitionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None),
                    ("valid_from", None),
                    ("valid_to__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="billing_recognitionpolicy_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="recognitionpolicy",
            constraint=no_overlap("billing_recognitionpolicy_no_overlap", "plan"),
        ),
        migrations.AddConstraint(
            model_name="recognitionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit_price", models.Value("NaN")), _negated=True),
                name="billing_recognitionpolicy_price_not_nan",
            ),
        ),
        migrations.AddConstraint(
            model_name="recognitionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("breakage_pct", models.Value("NaN")), _negated=True),
                name="billing_recognitionpolicy_breakage_not_nan",
            ),
        ),
        migrations.AddConstraint(
            model_name="recognitionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("prepaid__in", ["NO", "KEPT", "AT_EXPIRY", "PROPORTIONAL"]),
                    ("accrual__in", ["OFF", "LAST_RATE", "UNIT_PRICE"]),
                    ("measure__in", ["EVENTS", "TOKENS", "UNITS"]),
                ),
                name="billing_recognitionpolicy_choices_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="recognitionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("prepaid", "NO"), models.Q(("accrual", "UNIT_PRICE"), _negated=True)),
                    models.Q(
                        ("unit_price__gt", 0),
                        ("unit_price__isnull", False),
                        ("currency__regex", "^[A-Z]{3}$"),
                    ),
                    _connector="OR",
                ),
                name="billing_recognitionpolicy_price_stated",
                violation_error_message="Prepaid credits and an accrual at the unit price need a unit price above 0 and its currency, e.g. USD.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recognitionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("prepaid", "AT_EXPIRY"), _negated=True),
                    models.Q(("expiry_months__gt", 0), ("expiry_months__isnull", False)),
                    _connector="OR",
                ),
                name="billing_recognitionpolicy_expiry_stated",
                violation_error_message="Breakage at expiry needs the months until credits expire.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recognitionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("prepaid", "PROPORTIONAL"), _negated=True),
                    models.Q(
                        ("breakage_pct__gte", 0),
                        ("breakage_pct__isnull", False),
                        ("breakage_pct__lt", 100),
                    ),
                    _connector="OR",
                ),
                name="billing_recognitionpolicy_breakage_stated",
                violation_error_message="Breakage in proportion needs the share expected never to be drawn, from 0 to below 100 %.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recognitionpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("one_off_months", None), ("one_off_months__gt", 0), _connector="OR"
                ),
                name="billing_recognitionpolicy_term_above_0",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recognitionpolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_recognitionpolicyevent" ("accrual", "breakage_pct", "currency", "expiry_months", "id", "measure", "one_off_months", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "prepaid", "reason", "unit_price", "valid_from", "valid_to") SELECT new_values."accrual", new_values."breakage_pct", new_values."currency", new_values."expiry_months", new_values."id", new_values."measure", new_values."one_off_months", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."plan_id", new_values."prepaid", new_values."reason", new_values."unit_price", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="76f993de4d24fd59ee9cf1a5ca3fdd87cf8ec432",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1f614",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_recognitionpolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recognitionpolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_recognitionpolicyevent" ("accrual", "breakage_pct", "currency", "expiry_months", "id", "measure", "one_off_months", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "prepaid", "reason", "unit_price", "valid_from", "valid_to") SELECT new_values."accrual", new_values."breakage_pct", new_values."currency", new_values."expiry_months", new_values."id", new_values."measure", new_values."one_off_months", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."plan_id", new_values."prepaid", new_values."reason", new_values."unit_price", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="2565a35e6b0f24fdc72110ccd1c5ab10b3856240",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1ec32",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_recognitionpolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recognitionpolicy",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_recognitionpolicyevent" ("accrual", "breakage_pct", "currency", "expiry_months", "id", "measure", "one_off_months", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_id", "prepaid", "reason", "unit_price", "valid_from", "valid_to") SELECT old_values."accrual", old_values."breakage_pct", old_values."currency", old_values."expiry_months", old_values."id", old_values."measure", old_values."one_off_months", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."plan_id", old_values."prepaid", old_values."reason", old_values."unit_price", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="8fd3b9ef31e17dac8b1c7f808997aca0f00bc2e1",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_1970c",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_recognitionpolicy",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="recognitionpolicyevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5b106072e7d9eab974f73fa83844bf6851b3fad8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7e974",
                    table="billing_recognitionpolicyevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriptionpause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None),
                    ("valid_from", None),
                    ("valid_to__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="billing_subscriptionpause_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriptionpause",
            constraint=no_overlap("billing_subscriptionpause_no_overlap", "subscription"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subscriptionpause",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_subscriptionpauseevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "subscription_id", "valid_from", "valid_to") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."subscription_id", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="11d5591b65162c55d0b7a9381e1d98294b93c44d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_84420",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="billing_subscriptionpause",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subscriptionpause",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_subscriptionpauseevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "subscription_id", "valid_from", "valid_to") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."subscription_id", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b0095d45af29f4635155700fcc5332689f2d3a6a",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b7f17",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="billing_subscriptionpause",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subscriptionpause",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "billing_subscriptionpauseevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "subscription_id", "valid_from", "valid_to") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."subscription_id", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="00c1db6af5c529e700b0a051f076ff5f3048503d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_3e99f",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="billing_subscriptionpause",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subscriptionpauseevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4f055a0d69c82f7c111d81d65e7cd40bd988cfa7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_50c1f",
                    table="billing_subscriptionpauseevent",
                    when="BEFORE",
                ),
            ),
        ),
        append_only(
            "billing_recognitionpolicyevent",
            "billing_subscriptionpauseevent",
            "billing_invoicesplitevent",
        ),
    ]
