"""Price adjustments, revisions of the price book, and proposals somebody must approve."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from tknops.database import no_overlap


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("usage", "0061_rule_revisions_are_noticed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceAdjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
                ("name", models.CharField(help_text="What the contract calls it.", max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("NEGOTIATED_DISCOUNT", "negotiated discount, % off list"),
                            ("COMMITTED_RATE", "commitment discount, price per million"),
                            ("REGION_FACTOR", "region, × the price of no region"),
                            ("TIER_FACTOR", "batch, flex, priority, × the ordinary tier"),
                            ("CACHE_FACTOR", "cache, × the uncached input"),
                        ],
                        max_length=20,
                    ),
                ),
                ("value", models.DecimalField(decimal_places=10, max_digits=20)),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        help_text="Of a price per million; empty otherwise.",
                        max_length=3,
                    ),
                ),
                (
                    "provider_code",
                    models.CharField(blank=True, help_text="Empty: every one.", max_length=100),
                ),
                (
                    "model",
                    models.CharField(
                        blank=True,
                        help_text="Exact or a pattern such as gpt-4o*; empty: every one.",
                        max_length=200,
                    ),
                ),
                (
                    "service_tier",
                    models.CharField(
                        blank=True,
                        help_text="default is the ordinary one; empty: every one.",
                        max_length=50,
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        blank=True, help_text="Or eu-*; empty: every one.", max_length=50
                    ),
                ),
                (
                    "token_class",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Everything"),
                            ("every_token", "Every token class"),
                            ("every_input", "Every input class"),
                            ("every_output", "Every output class"),
                            ("every_cache", "Every cache class"),
                            ("every_cache_read", "Every cache read"),
                            ("every_cache_write", "Every cache write"),
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
                    "valid_from",
                    models.DateField(blank=True, help_text="Empty: since ever.", null=True),
                ),
                (
                    "valid_to",
                    models.DateField(
                        blank=True, help_text="Exclusive; empty: in force.", null=True
                    ),
                ),
                (
                    "key_hash",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("kind"),
                            models.F("provider_code"),
                            models.F("model"),
                            models.F("service_tier"),
                            models.F("region"),
                            models.F("token_class"),
                            models.F("unit"),
                            template="hashtextextended(kind || '|' || provider_code || '|' || model || '|' || service_tier || '|' || region || '|' || token_class || '|' || unit, 0)",
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PriceAdjustmentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("superseded_at", models.DateTimeField(blank=True, null=True)),
                ("name", models.CharField(help_text="What the contract calls it.", max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("NEGOTIATED_DISCOUNT", "negotiated discount, % off list"),
                            ("COMMITTED_RATE", "commitment discount, price per million"),
                            ("REGION_FACTOR", "region, × the price of no region"),
                            ("TIER_FACTOR", "batch, flex, priority, × the ordinary tier"),
                            ("CACHE_FACTOR", "cache, × the uncached input"),
                        ],
                        max_length=20,
                    ),
                ),
                ("value", models.DecimalField(decimal_places=10, max_digits=20)),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        help_text="Of a price per million; empty otherwise.",
                        max_length=3,
                    ),
                ),
                (
                    "provider_code",
                    models.CharField(blank=True, help_text="Empty: every one.", max_length=100),
                ),
                (
                    "model",
                    models.CharField(
                        blank=True,
                        help_text="Exact or a pattern such as gpt-4o*; empty: every one.",
                        max_length=200,
                    ),
                ),
                (
                    "service_tier",
                    models.CharField(
                        blank=True,
                        help_text="default is the ordinary one; empty: every one.",
                        max_length=50,
                    ),
                ),
                (
                    "region",
                    models.CharField(
                        blank=True, help_text="Or eu-*; empty: every one.", max_length=50
                    ),
                ),
                (
                    "token_class",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Everything"),
                            ("every_token", "Every token class"),
                            ("every_input", "Every input class"),
                            ("every_output", "Every output class"),
                            ("every_cache", "Every cache class"),
                            ("every_cache_read", "Every cache read"),
                            ("every_cache_write", "Every cache write"),
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
                    "valid_from",
                    models.DateField(blank=True, help_text="Empty: since ever.", null=True),
                ),
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
            name="PriceProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=30)),
                ("source_version", models.CharField(blank=True, max_length=50)),
                (
                    "origin",
                    models.CharField(help_text="The file's name, or the package.", max_length=200),
                ),
                ("fingerprint", models.CharField(help_text="Of all its lines.", max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "waits for approval"),
                            ("DECIDED", "decided"),
                            ("REPLACED", "replaced by a newer one"),
                        ],
                        default="OPEN",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PriceRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("BY_HAND", "by hand"),
                            ("SYNC", "price sync"),
                            ("IMPORT", "price file"),
                            ("REVERT", "revert"),
                        ],
                        default="BY_HAND",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="ProposedPrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
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
                (
                    "action",
                    models.CharField(
                        choices=[("ADD", "new"), ("CHANGE", "change"), ("WITHDRAW", "gone")],
                        max_length=10,
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("OPEN", "open"),
                            ("APPROVED", "approved"),
                            ("REJECTED", "rejected"),
                        ],
                        default="OPEN",
                        max_length=10,
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="modelalias",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="modelalias",
            name="delete_delete",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="price",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="price",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="price",
            name="delete_delete",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="modelalias",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_modelaliasevent" ("added_in_id", "alias", "id", "model", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_code", "source") SELECT new_values."added_in_id", new_values."alias", new_values."id", new_values."model", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."provider_code", new_values."source" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="474fbfa880ef83ac562285e6aba93d3848da5719",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_modelaliasevent" ("added_in_id", "alias", "id", "model", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_code", "source") SELECT old_values."added_in_id", old_values."alias", old_values."id", old_values."model", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."provider_code", old_values."source" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5eeacd00d7578f8b047da7bc434959d077b80b24",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_priceevent" ("added_in_id", "created_at", "currency", "id", "kind", "model", "original", "per_million", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_window", "provider_code", "region", "service_tier", "source", "source_version", "superseded_at", "superseded_in_id", "threshold", "token_class", "unit", "valid_from", "valid_to") SELECT new_values."added_in_id", new_values."created_at", new_values."currency", new_values."id", new_values."kind", new_values."model", new_values."original", new_values."per_million", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."price_window", new_values."provider_code", new_values."region", new_values."service_tier", new_values."source", new_values."source_version", new_values."superseded_at", new_values."superseded_in_id", new_values."threshold", new_values."token_class", new_values."unit", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="dba29c2a9bb11fb6e3906cae2b4dc8f3896f9e9c",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_priceevent" ("added_in_id", "created_at", "currency", "id", "kind", "model", "original", "per_million", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_window", "provider_code", "region", "service_tier", "source", "source_version", "superseded_at", "superseded_in_id", "threshold", "token_class", "unit", "valid_from", "valid_to") SELECT new_values."added_in_id", new_values."created_at", new_values."currency", new_values."id", new_values."kind", new_values."model", new_values."original", new_values."per_million", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."price_window", new_values."provider_code", new_values."region", new_values."service_tier", new_values."source", new_values."source_version", new_values."superseded_at", new_values."superseded_in_id", new_values."threshold", new_values."token_class", new_values."unit", new_values."valid_from", new_values."valid_to" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."added_in_id" IS DISTINCT FROM (new_values."added_in_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."currency" IS DISTINCT FROM (new_values."currency") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."model" IS DISTINCT FROM (new_values."model") OR old_values."original" IS DISTINCT FROM (new_values."original") OR old_values."per_million" IS DISTINCT FROM (new_values."per_million") OR old_values."price_window" IS DISTINCT FROM (new_values."price_window") OR old_values."provider_code" IS DISTINCT FROM (new_values."provider_code") OR old_values."region" IS DISTINCT FROM (new_values."region") OR old_values."service_tier" IS DISTINCT FROM (new_values."service_tier") OR old_values."source" IS DISTINCT FROM (new_values."source") OR old_values."source_version" IS DISTINCT FROM (new_values."source_version") OR old_values."superseded_at" IS DISTINCT FROM (new_values."superseded_at") OR old_values."superseded_in_id" IS DISTINCT FROM (new_values."superseded_in_id") OR old_values."threshold" IS DISTINCT FROM (new_values."threshold") OR old_values."token_class" IS DISTINCT FROM (new_values."token_class") OR old_values."unit" IS DISTINCT FROM (new_values."unit") OR old_values."valid_from" IS DISTINCT FROM (new_values."valid_from") OR old_values."valid_to" IS DISTINCT FROM (new_values."valid_to")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8945a827b65a9f8aa3f9b812b9f4bacda1336c75",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_priceevent" ("added_in_id", "created_at", "currency", "id", "kind", "model", "original", "per_million", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price_window", "provider_code", "region", "service_tier", "source", "source_version", "superseded_at", "superseded_in_id", "threshold", "token_class", "unit", "valid_from", "valid_to") SELECT old_values."added_in_id", old_values."created_at", old_values."currency", old_values."id", old_values."kind", old_values."model", old_values."original", old_values."per_million", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."price_window", old_values."provider_code", old_values."region", old_values."service_tier", old_values."source", old_values."source_version", old_values."superseded_at", old_values."superseded_in_id", old_values."threshold", old_values."token_class", old_values."unit", old_values."valid_from", old_values."valid_to" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="98c3afae6b264a15a7ad5ce6e0ae3d3c6826dd6b",
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
            model_name="priceadjustmentevent",
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
            model_name="priceadjustmentevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="usage.priceadjustment",
            ),
        ),
        migrations.AddField(
            model_name="priceproposal",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="price_proposals",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="priceproposal",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pricerevision",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pricerevision",
            name="reverts",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reverted_by",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="priceadjustmentevent",
            name="added_in",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="priceadjustmentevent",
            name="superseded_in",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="priceadjustment",
            name="added_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="priceadjustment",
            name="superseded_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="modelalias",
            name="added_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="modelaliasevent",
            name="added_in",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="price",
            name="added_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="price",
            name="superseded_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="priceevent",
            name="added_in",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="priceevent",
            name="superseded_in",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddField(
            model_name="proposedprice",
            name="proposal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="usage.priceproposal",
            ),
        ),
        migrations.AddField(
            model_name="proposedprice",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="usage.price",
            ),
        ),
        migrations.AddField(
            model_name="proposedprice",
            name="revision",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="usage.pricerevision",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "OPEN")),
                fields=("fingerprint",),
                name="usage_priceproposal_open_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="priceadjustmentevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="587c52ada880ae80d7a95780ae85b72618f91566",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1127c",
                    table="usage_priceadjustmentevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="priceadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__gte", 0)), name="usage_adjustment_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="priceadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("value", models.Value("NaN")), _negated=True),
                name="usage_adjustment_not_nan",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "NEGOTIATED_DISCOUNT"), _negated=True),
                    ("value__lte", 100),
                    _connector="OR",
                ),
                name="usage_adjustment_discount_at_most_all",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "COMMITTED_RATE"), ("currency", ""), _connector="XOR"),
                name="usage_adjustment_rate_has_currency",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "REGION_FACTOR"), _negated=True),
                    models.Q(("region", ""), _negated=True),
                    _connector="OR",
                ),
                name="usage_adjustment_region_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "TIER_FACTOR"), _negated=True),
                    models.Q(("service_tier__in", ["", "default"]), _negated=True),
                    _connector="OR",
                ),
                name="usage_adjustment_tier_given",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None),
                    ("valid_from", None),
                    ("valid_to__gt", models.F("valid_from")),
                    _connector="OR",
                ),
                name="usage_adjustment_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceadjustment",
            constraint=no_overlap(
                "usage_adjustment_no_overlap", "key_hash", condition=models.Q(superseded_at=None)
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="priceadjustment",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_priceadjustmentevent" ("added_in_id", "created_at", "currency", "id", "kind", "model", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_code", "region", "service_tier", "superseded_at", "superseded_in_id", "token_class", "unit", "valid_from", "valid_to", "value") SELECT new_values."added_in_id", new_values."created_at", new_values."currency", new_values."id", new_values."kind", new_values."model", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."provider_code", new_values."region", new_values."service_tier", new_values."superseded_at", new_values."superseded_in_id", new_values."token_class", new_values."unit", new_values."valid_from", new_values."valid_to", new_values."value" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ebaaab1ada427a5e2dfdd61fdb74a0b7ed02fb68",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b3a9f",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="usage_priceadjustment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="priceadjustment",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_priceadjustmentevent" ("added_in_id", "created_at", "currency", "id", "kind", "model", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_code", "region", "service_tier", "superseded_at", "superseded_in_id", "token_class", "unit", "valid_from", "valid_to", "value") SELECT new_values."added_in_id", new_values."created_at", new_values."currency", new_values."id", new_values."kind", new_values."model", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."provider_code", new_values."region", new_values."service_tier", new_values."superseded_at", new_values."superseded_in_id", new_values."token_class", new_values."unit", new_values."valid_from", new_values."valid_to", new_values."value" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."added_in_id" IS DISTINCT FROM (new_values."added_in_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."currency" IS DISTINCT FROM (new_values."currency") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."model" IS DISTINCT FROM (new_values."model") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."provider_code" IS DISTINCT FROM (new_values."provider_code") OR old_values."region" IS DISTINCT FROM (new_values."region") OR old_values."service_tier" IS DISTINCT FROM (new_values."service_tier") OR old_values."superseded_at" IS DISTINCT FROM (new_values."superseded_at") OR old_values."superseded_in_id" IS DISTINCT FROM (new_values."superseded_in_id") OR old_values."token_class" IS DISTINCT FROM (new_values."token_class") OR old_values."unit" IS DISTINCT FROM (new_values."unit") OR old_values."valid_from" IS DISTINCT FROM (new_values."valid_from") OR old_values."valid_to" IS DISTINCT FROM (new_values."valid_to") OR old_values."value" IS DISTINCT FROM (new_values."value")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="417960b4b5d3519a6d43dd9ccfc523ba9c4483d9",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_6a4db",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="usage_priceadjustment",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="priceadjustment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "usage_priceadjustmentevent" ("added_in_id", "created_at", "currency", "id", "kind", "model", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provider_code", "region", "service_tier", "superseded_at", "superseded_in_id", "token_class", "unit", "valid_from", "valid_to", "value") SELECT old_values."added_in_id", old_values."created_at", old_values."currency", old_values."id", old_values."kind", old_values."model", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."provider_code", old_values."region", old_values."service_tier", old_values."superseded_at", old_values."superseded_in_id", old_values."token_class", old_values."unit", old_values."valid_from", old_values."valid_to", old_values."value" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="d98f198766365d4bc7ae33433425e63b5b47f410",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_60cdd",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="usage_priceadjustment",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="proposedprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("per_million__gte", 0)), name="usage_proposedprice_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposedprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("per_million", models.Value("NaN")), _negated=True),
                name="usage_proposedprice_not_nan",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposedprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("action", "ADD"), ("replaces__isnull", False), _connector="XOR"
                ),
                name="usage_proposedprice_names_what_it_replaces",
            ),
        ),
    ]
