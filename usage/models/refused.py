"""What was refused beside rejected events: conflicts, alerts, and what replays made of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from usage.models.event import Quarantined, UsageBatch
from usage.models.source import Source


class Conflict(models.Model):
    """Other content under a known id: the first stays; the same refused version stands once."""

    batch = models.ForeignKey(UsageBatch, on_delete=models.PROTECT, related_name="conflicts")
    index = models.IntegerField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    key = models.UUIDField(help_text="The event's key in the ledger.")
    event_id = models.CharField("id as sent", max_length=200)
    kept = models.UUIDField("fingerprint kept")
    refused = models.UUIDField("fingerprint refused")
    fields = models.JSONField(default=dict, help_text="The refused version, allow-listed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "key", "refused"], name="usage_conflict_version_once"
            ),
            models.CheckConstraint(
                condition=~Q(kept=models.F("refused")), name="usage_conflict_differs"
            ),
        ]

    def __str__(self) -> str:
        return f"conflict {self.pk}"


class BatchAlert(models.Model):
    """How many events of a batch carried what should not be sent; a row only where some did.

    Rows are added, never counted up: two requests of a source never wait for each other.
    """

    class Code(models.TextChoices):
        """What was found."""

        CONTENT = "content_discarded", "content fields, discarded unread"
        SECRET = "secret_like", "tag values that look like secrets, redacted"
        PERSONAL = "personal_data", "customers that look like e-mail or phone, stored as sent"
        TAGS = "tag_overflow", "tags beyond their limit, kept beside the context"

    batch = models.ForeignKey(UsageBatch, on_delete=models.PROTECT, related_name="alerts")
    code = models.CharField(max_length=30, choices=Code)
    events = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "code"], name="usage_batchalert_once"),
            models.CheckConstraint(condition=Q(events__gt=0), name="usage_batchalert_above_0"),
        ]

    def __str__(self) -> str:
        return f"{self.events} × {self.code}"


class Replay(models.Model):
    """One attempt to bring a rejected event in after all, and what became of it."""

    rejected = models.ForeignKey(Quarantined, on_delete=models.PROTECT, related_name="replays")
    batch = models.ForeignKey(UsageBatch, on_delete=models.PROTECT, related_name="replays")
    replayed_at = models.DateTimeField()
    replayed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    outcome = models.CharField(max_length=20)
    code = models.CharField(max_length=50, blank=True, help_text="Why it was rejected again.")
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["stored", "duplicate", "conflict", "rejected"]),
                name="usage_replay_outcome_known",
            )
        ]

    def __str__(self) -> str:
        return self.outcome
