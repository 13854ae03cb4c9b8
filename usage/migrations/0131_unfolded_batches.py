"""What waits for a fold is marked, not what is done: finding it costs the same whatever the ledger."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# After the trigger is there: its lock keeps other batches out until the commit.
_WAITING = """
    INSERT INTO usage_unfoldedbatch (batch_id)
    SELECT b.id FROM usage_usagebatch b
    LEFT JOIN usage_foldedbatch f ON f.batch_id = b.id
    WHERE b.stored > 0 AND f.batch_id IS NULL
"""
_FOLDED = """
    INSERT INTO usage_foldedbatch (batch_id)
    SELECT b.id FROM usage_usagebatch b
    LEFT JOIN usage_unfoldedbatch u ON u.batch_id = b.id
    WHERE u.batch_id IS NULL
"""
_RENAME = """
    DO $$ BEGIN
        EXECUTE replace(pg_get_functiondef('usage_remove_demo()'::regprocedure), '{}', '{}');
    END $$
"""
_MARKS = ("usage_foldedbatch", "usage_unfoldedbatch")


class Migration(migrations.Migration):
    dependencies = [("usage", "0130_context_api_key")]

    operations = [
        migrations.CreateModel(
            name="UnfoldedBatch",
            fields=[
                (
                    "batch",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="usage.usagebatch",
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="usagebatch",
            trigger=pgtrigger.compiler.Trigger(
                name="waits_for_fold",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.stored > 0)",
                    func="INSERT INTO usage_unfoldedbatch (batch_id) VALUES (NEW.id); RETURN NULL;",
                    hash="01277108afa8a74d8abe08cb546ae802c481d0fa",
                    operation="INSERT",
                    pgid="pgtrigger_waits_for_fold_ebac1",
                    table="usage_usagebatch",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(_WAITING, _FOLDED),
        migrations.RunSQL(_RENAME.format(*_MARKS), _RENAME.format(*reversed(_MARKS))),
        migrations.DeleteModel(name="FoldedBatch"),
    ]
