"""Fetching from a biller's API: how far it is, so that a crash costs one page."""

from django.db import models
from django.db.models import F, Q

from billing.models.imports import BillingImport


class BillingPull(models.Model):
    """One fetch of what was billed in [since, until): written to a file page by page, imported.

    The key it is fetched with is never here.
    """

    class State(models.TextChoices):
        """Where it stands."""

        FETCHING = "FETCHING", "fetching"
        DONE = "DONE", "done"
        GIVEN_UP = "GIVEN_UP", "given up"

    biller = models.CharField(max_length=20, default="stripe")
    state = models.CharField(max_length=8, choices=State, default=State.FETCHING)
    since = models.DateTimeField(null=True, blank=True, help_text="Empty: from the beginning.")
    until = models.DateTimeField()
    stream = models.CharField(max_length=20, blank=True, help_text="What is being listed.")
    cursor = models.CharField(max_length=200, blank=True, help_text="The last object written.")
    file_name = models.CharField(max_length=80)
    file_bytes = models.BigIntegerField(default=0, help_text="What of the file is whole pages.")
    objects_fetched = models.IntegerField(default=0)
    billing_import = models.ForeignKey(
        BillingImport, null=True, blank=True, on_delete=models.SET_NULL, related_name="pulls"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["biller"], condition=Q(state="FETCHING"), name="billing_pull_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["FETCHING", "DONE", "GIVEN_UP"]),
                name="billing_pull_state_known",
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until__gt=F("since")),
                name="billing_pull_until_after_since",
            ),
        ]

    def __str__(self) -> str:
        return f"pull {self.pk} from {self.biller}"
