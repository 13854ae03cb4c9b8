"""The ledger of usage: accepted requests and the priced lines of calls; never changed."""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from usage.models.source import ApiKey, Source
from usage.tokens import MAX_QUANTITY, QUANTITIES


class UsageBatch(models.Model):
    """One accepted request: received = stored + duplicate + conflict + rejected."""

    # The index on (source, id) below stands in for one on the source alone.
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    api_key = models.ForeignKey(
        ApiKey, null=True, blank=True, on_delete=models.PROTECT, verbose_name="API key"
    )
    received_at = models.DateTimeField()
    received = models.IntegerField()
    stored = models.IntegerField()
    duplicate = models.IntegerField()
    conflict = models.IntegerField()
    rejected = models.IntegerField()
    ignored = models.JSONField(
        default=dict, blank=True, help_text="Spans that are no priced call, by reason."
    )

    class Meta:
        verbose_name_plural = "usage batches"
        indexes = [
            models.Index(fields=["source", "id"], name="usage_batch_of_source"),
            BrinIndex(fields=["received_at"], name="usage_batch_received_brin"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    received=models.F("stored")
                    + models.F("duplicate")
                    + models.F("conflict")
                    + models.F("rejected")
                ),
                name="usage_batch_counts_add_up",
            ),
            models.CheckConstraint(
                condition=Q(stored__gte=0, duplicate__gte=0, conflict__gte=0, rejected__gte=0),
                name="usage_batch_counts_not_negative",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="waits_for_fold",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.stored > 0"),
                func="INSERT INTO usage_unfoldedbatch (batch_id) VALUES (NEW.id); RETURN NULL;",
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class UsageBatchMonth(models.Model):
    """The usage months a batch touches and the month each is posted in (later if closed)."""

    pk = models.CompositePrimaryKey("batch_id", "usage_month")
    batch = models.ForeignKey(UsageBatch, on_delete=models.PROTECT, related_name="months")
    usage_month = models.DateField()
    posting_month = models.DateField()

    class Meta:
        indexes = [
            models.Index(
                fields=["posting_month", "usage_month"],
                name="usage_batchmonth_late",
                condition=Q(posting_month__gt=models.F("usage_month")),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(posting_month__gte=models.F("usage_month")),
                name="usage_batchmonth_posts_forward",
            )
        ]

    def __str__(self) -> str:
        return f"{self.usage_month:%Y-%m}"


class UnfoldedBatch(models.Model):
    """A batch with usage that is not in the cube yet.

    The database writes it along with the batch, whoever inserts that; a fold removes it in the
    transaction that registers the sums. Apart, since the ledger itself is never updated, and of
    what waits rather than of what is done, so that finding it costs nothing however long the
    ledger is. No constraint guards the batch's id: it is written by the trigger only.
    """

    batch = models.OneToOneField(
        UsageBatch, primary_key=True, on_delete=models.PROTECT, db_constraint=False
    )

    def __str__(self) -> str:
        return f"unfolded {self.pk}"


class UsageEvent(models.Model):
    """One priced line of a call. Token counts are integers, `units` millionths of a unit.

    Written by binary COPY only: foreign keys carry no database constraint on this hot path.
    """

    class Flag(models.IntegerChoices):
        """Bits of `flags`: what was odd about it, though it was stored."""

        SUSPICIOUS = 1
        BUCKET_MISMATCH = 2
        LATE = 4
        TOTAL_MISMATCH = 8
        TIME_MISMATCH = 16

    pk = models.CompositePrimaryKey("key", "source_id", "line")
    key = models.UUIDField(help_text="A canonical UUIDv7 of the sender, or a hash of its id.")
    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    line = models.SmallIntegerField(default=0)
    batch = models.ForeignKey(
        UsageBatch, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    context = models.ForeignKey(
        "usage.Context", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    occurred_at = models.DateTimeField()
    fingerprint = models.UUIDField(help_text="Digest of the allow-listed fields as sent.")
    flags = models.SmallIntegerField(default=0)
    time_text = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001
    input_tokens = models.BigIntegerField(default=0)
    cache_read_tokens = models.BigIntegerField(default=0)
    cache_write_tokens = models.BigIntegerField(default=0)
    cache_write_1h_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    input_audio_tokens = models.BigIntegerField(default=0)
    output_audio_tokens = models.BigIntegerField(default=0)
    input_image_tokens = models.BigIntegerField(default=0)
    output_image_tokens = models.BigIntegerField(default=0)
    input_video_tokens = models.BigIntegerField(default=0)
    output_video_tokens = models.BigIntegerField(default=0)
    cache_read_audio_tokens = models.BigIntegerField(default=0)
    cache_read_image_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    units = models.BigIntegerField(default=0)
    stated_cost = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    stated_currency = models.CharField(max_length=3, null=True, blank=True)  # noqa: DJ001

    class Meta:
        indexes = [
            models.Index(fields=["batch"], name="usage_event_batch"),
            BrinIndex(fields=["occurred_at"], autosummarize=True, name="usage_event_occurred_brin"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(**{f"{name}__gte": 0, f"{name}__lte": MAX_QUANTITY * 10**6})
                        if name == "units"
                        else Q(**{f"{name}__gte": 0, f"{name}__lte": MAX_QUANTITY})
                        for name in QUANTITIES
                    )
                ),
                name="usage_event_quantities_bounded",
            ),
            models.CheckConstraint(
                condition=Q(stated_cost=None, stated_currency=None)
                | Q(stated_cost__isnull=False, stated_currency__isnull=False),
                name="usage_event_stated_cost_has_currency",
            ),
            models.CheckConstraint(
                condition=Q(stated_cost=None) | ~Q(stated_cost=models.Value("NaN")),
                name="usage_event_stated_cost_not_nan",
            ),
            models.CheckConstraint(condition=Q(line__gte=0), name="usage_event_line_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.key}/{self.line}"


class Quarantined(models.Model):
    """A rejected event: allow-listed fields only, the names of the removed, and why."""

    batch = models.ForeignKey(UsageBatch, on_delete=models.PROTECT, related_name="quarantine")
    index = models.IntegerField()
    code = models.CharField(max_length=50)
    pointer = models.CharField(max_length=300, blank=True)
    detail = models.CharField(max_length=500)
    fields = models.JSONField(default=dict)
    removed = models.JSONField(default=list)
    sha256 = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = "rejected event"

    def __str__(self) -> str:
        return f"q_{self.pk}"
