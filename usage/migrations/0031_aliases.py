"""Other references of features; changes of features, aliases and prices are logged."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from tknops.database import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("usage", "0030_batch_ignored"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeatureAlias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("alias", models.CharField(max_length=200, unique=True)),
            ],
            options={
                "verbose_name_plural": "feature aliases",
            },
        ),
        migrations.CreateModel(
            name="FeatureAliasEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("alias", models.CharField(max_length=200)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FeatureEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("external_id", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ModelAliasEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("provider_code", models.CharField(max_length=100)),
                ("alias", models.CharField(max_length=200)),
                ("model", models.CharField(max_length=200)),
                ("source", models.CharField(default="manual", max_length=30)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PriceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("provider_code", models.CharField(max_length=100)),
                ("model", models.CharField(max_length=200)),
                ("service_tier", models.CharField(blank=True, max_length=50)),
                ("region", models.CharField(blank=True, max_length=50)),
                (
                    "token_class",
                    models.CharField(
                        choices=[
                            ("input_tokens", "Input"),
                            ("cache_read_tokens", "Cache read"),
                            ("cache_write_tokens", "Cache write"),
                            ("cache_write_1h_tokens", "Cache write 1 h"),
                            ("output_tokens", "Output"),
                            ("input_audio_tokens", "Audio input"),
                            ("output_audio_tokens", "Audio output"),
                            ("input_image_tokens", "Image input"),
                            ("output_image_tokens", "Image output"),
                            ("input_video_tokens", "Video input"),
                            ("output_video_tokens", "Video output"),
                            ("cache_read_audio_tokens", "Cached audio"),
                            ("cache_read_image_tokens", "Cached images"),
                            ("units", "Units"),
                        ],
                        max_length=30,
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=20)),
                (
                    "threshold",
                    models.BigIntegerField(
                        default=0, help_text="Applies above so many input tokens."
                    ),
                ),
                ("price_window", models.CharField(blank=True, max_length=11)),
                (
                    "kind",
                    models.CharField(
                        choices=[("LIST", "list"), ("CONTRACTED", "contracted")],
                        default="LIST",
                        max_length=10,
                    ),
                ),
                (
                    "per_million",
                    models.DecimalField(
                        decimal_places=10, help_text="Money per 1,000,000.", max_digits=20
                    ),
                ),
                ("currency", models.CharField(default="USD", max_length=3)),
                (
                    "valid_from",
                    models.DateField(blank=True, help_text="Empty: since ever.", null=True),
                ),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: in force.", null=True
                    ),
                ),
                ("source", models.CharField(default="manual", max_length=30)),
                ("source_version", models.CharField(blank=True, max_length=50)),
                (
                    "original",
                    models.CharField(
                        blank=True,
                        help_text="The source's figure, where it had more decimals.",
                        max_length=60,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feature",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_featureevent" ("external_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."external_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="d2efa49b07dec2aa30b6823eaac48a19b6c7c22c",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_85335",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="usage_feature",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feature",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_featureevent" ("external_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."external_id", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="d747c1768fcf10784c92a3aa4e0fa07f7b76cbff",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ea6c2",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="usage_feature",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="feature",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_featureevent" ("external_id", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."external_id", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="9ba5630226246335096fce389b5deaa35e47efa5",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_868d6",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="usage_feature",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelalias",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_modelaliasevent" ("alias", "id", "model", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_code", "source") SELECT new_values."alias", new_values."id", new_values."model", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."provider_code", new_values."source" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="11efff269d2a1f104ae8370d88c23f2a05a4b64c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a8d4f",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="usage_modelalias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelalias",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_modelaliasevent" ("alias", "id", "model", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_code", "source") SELECT old_values."alias", old_values."id", old_values."model", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."provider_code", old_values."source" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ad820abadcea1afb475f615d6d20a7023de6eef3",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_afbb4",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="usage_modelalias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="price",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_priceevent" ("created_at", "currency", "id", "kind", "model", "original", "per_million", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_window", "provider_code", "region", "service_tier", "source", "source_version", "superseded_at", "threshold", "token_class", "unit", "valid_from", "valid_to") SELECT new_values."created_at", new_values."currency", new_values."id", new_values."kind", new_values."model", new_values."original", new_values."per_million", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."price_window", new_values."provider_code", new_values."region", new_values."service_tier", new_values."source", new_values."source_version", new_values."superseded_at", new_values."threshold", new_values."token_class", new_values."unit", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="43562ef8088ed5569478ff8650e02f20ca46bc8d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9a7a1",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="usage_price",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="price",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_priceevent" ("created_at", "currency", "id", "kind", "model", "original", "per_million", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_window", "provider_code", "region", "service_tier", "source", "source_version", "superseded_at", "threshold", "token_class", "unit", "valid_from", "valid_to") SELECT new_values."created_at", new_values."currency", new_values."id", new_values."kind", new_values."model", new_values."original", new_values."per_million", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."price_window", new_values."provider_code", new_values."region", new_values."service_tier", new_values."source", new_values."source_version", new_values."superseded_at", new_values."threshold", new_values."token_class", new_values."unit", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."currency" IS DISTINCT FROM (new_values."currency") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."model" IS DISTINCT FROM (new_values."model") OR old_values."original" IS DISTINCT FROM (new_values."original") OR old_values."per_million" IS DISTINCT FROM (new_values."per_million") OR old_values."price_window" IS DISTINCT FROM (new_values."price_window") OR old_values."provider_code" IS DISTINCT FROM (new_values."provider_code") OR old_values."region" IS DISTINCT FROM (new_values."region") OR old_values."service_tier" IS DISTINCT FROM (new_values."service_tier") OR old_values."source" IS DISTINCT FROM (new_values."source") OR old_values."source_version" IS DISTINCT FROM (new_values."source_version") OR old_values."superseded_at" IS DISTINCT FROM (new_values."superseded_at") OR old_values."threshold" IS DISTINCT FROM (new_values."threshold") OR old_values."token_class" IS DISTINCT FROM (new_values."token_class") OR old_values."unit" IS DISTINCT FROM (new_values."unit") OR old_values."valid_from" IS DISTINCT FROM (new_values."valid_from") OR old_values."valid_to" IS DISTINCT FROM (new_values."valid_to")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="3e2b65eda88531e040ac290b97542dc80637c383",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_81b7b",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="usage_price",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="price",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_priceevent" ("created_at", "currency", "id", "kind", "model", "original", "per_million", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_window", "provider_code", "region", "service_tier", "source", "source_version", "superseded_at", "threshold", "token_class", "unit", "valid_from", "valid_to") SELECT old_values."created_at", old_values."currency", old_values."id", old_values."kind", old_values."model", old_values."original", old_values."per_million", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."price_window", old_values."provider_code", old_values."region", old_values."service_tier", old_values."source", old_values."source_version", old_values."superseded_at", old_values."threshold", old_values."token_class", old_values."unit", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="18d1418367e1ea4975735f88fa44f5e51dc76aab",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ce67c",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="usage_price",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="featurealias",
            name="feature",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="aliases",
                to="usage.feature",
            ),
        ),
        migrations.AddField(
            model_name="featurealiasevent",
            name="feature",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="usage.feature",
            ),
        ),
        migrations.AddField(
            model_name="featurealiasevent",
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
            model_name="featurealiasevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="usage.featurealias",
            ),
        ),
        migrations.AddField(
            model_name="featureevent",
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
            model_name="featureevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="usage.feature",
            ),
        ),
        migrations.AddField(
            model_name="modelaliasevent",
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
            model_name="modelaliasevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="usage.modelalias",
            ),
        ),
        migrations.AddField(
            model_name="priceevent",
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
            model_name="priceevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="usage.price",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="featurealias",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_featurealiasevent" ("alias", "feature_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."alias", new_values."feature_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="f7726ccdd872a376334df1fc381e5317b714c261",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_93b6e",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="usage_featurealias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="featurealias",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_featurealiasevent" ("alias", "feature_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."alias", new_values."feature_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="62bf222062ea3277078450da73f2d8ce3b0c6f4f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_9549c",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="usage_featurealias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="featurealias",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_featurealiasevent" ("alias", "feature_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."alias", old_values."feature_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="b8ff7ec35a2690db5bbe6b013e6a42486b60c940",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f1ab5",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="usage_featurealias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="featurealiasevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="da0e02fdace903951c7e93d2de79022f7da6c479",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_85219",
                    table="usage_featurealiasevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="featureevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="2d0e9f2c0e032bc8f556d668bea1b87d8615a442",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_01c2f",
                    table="usage_featureevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelaliasevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="5097d5c0dd8143ff69c1db3250d3966cc2bdcc03",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_49a36",
                    table="usage_modelaliasevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="priceevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="7bbdf291665950eec8d6edd7553b5cd3a9b4bcf3",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a230c",
                    table="usage_priceevent",
                    when="BEFORE",
                ),
            ),
        ),
        append_only(
            "usage_featurealiasevent",
            "usage_featureevent",
            "usage_modelaliasevent",
            "usage_priceevent",
        ),
    ]
