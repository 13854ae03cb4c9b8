"""A fold finds its batches by a B-tree: a BRIN says "maybe" of every page not summarised yet.

A vacuum summarises, and comes after a fifth of the ledger is new: each fold read that again.
"""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0131_unfolded_batches")]

    operations = [
        migrations.AddIndex(
            model_name="usageevent",
            index=models.Index(fields=["batch"], name="usage_event_batch"),
        ),
        migrations.RemoveIndex(model_name="usageevent", name="usage_event_batch_brin"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX usage_event_occurred_brin SET (autosummarize = on)",
                    "ALTER INDEX usage_event_occurred_brin RESET (autosummarize)",
                ),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="usageevent", name="usage_event_occurred_brin"),
                migrations.AddIndex(
                    model_name="usageevent",
                    index=django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True,
                        fields=["occurred_at"],
                        name="usage_event_occurred_brin",
                    ),
                ),
            ],
        ),
    ]
