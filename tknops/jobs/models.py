"""The Job row: what background work there is, how far it came, and how it ended."""

from django.conf import settings
from django.db import models


class Job(models.Model):
    """One piece of background work; a Celery task only carries its id."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "QUEUED", "queued"
        RUNNING = "RUNNING", "running"
        DONE = "DONE", "done"
        FAILED = "FAILED", "failed"
        CANCELLED = "CANCELLED", "cancelled"

    kind = models.CharField(max_length=100)
    arguments = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    progress = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    result = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    created_at = models.DateTimeField(auto_now_add=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(progress__gte=0), name="jobs_job_progress_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED"]),
                name="jobs_job_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def label(self) -> str:
        """Its kind in words."""
        return self.kind.replace("-", " ").capitalize()

    @property
    def is_open(self) -> bool:
        """Whether it is still to end."""
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def percent(self) -> int | None:
        """How far it is; None while the total is unknown."""
        return min(100, self.progress * 100 // self.total) if self.total else None
