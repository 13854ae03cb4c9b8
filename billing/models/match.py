"""The history of matching: who said which customer a billing customer is, when and why."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class MatchRecord(models.Model):
    """One change of a match. Facts, never changed; taking one back is another.

    Both sides stand by name, so that the history outlives an undone import or a merged customer.
    """

    class Reason(models.TextChoices):
        """Why they are the same."""

        ID = "ID", "same id"
        ALIAS = "ALIAS", "alias"
        EMAIL = "EMAIL", "same e-mail"
        DOMAIN = "DOMAIN", "e-mail domain"
        METADATA = "METADATA", "metadata of the biller"
        NAME = "NAME", "same name"
        USAGE = "USAGE", "name in the usage"
        HAND = "HAND", "by hand"
        BEFORE = "BEFORE", "as it was before"
        MERGE = "MERGE", "customers merged"
        UNDO = "UNDO", "taken back"

    billed = models.CharField(max_length=200, db_index=True, help_text="The biller's id.")
    before = models.CharField(max_length=200, blank=True, help_text="Empty: not matched.")
    after = models.CharField(max_length=200, blank=True, help_text="Empty: not matched.")
    reason = models.CharField(max_length=8, choices=Reason)
    evidence = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(billed=""), name="billing_matchrecord_has_bill"),
            models.CheckConstraint(
                condition=~Q(before=F("after")), name="billing_matchrecord_changes_something"
            ),
            models.CheckConstraint(
                condition=Q(
                    reason__in=[
                        "ID", "ALIAS", "EMAIL", "DOMAIN", "METADATA", "NAME", "USAGE", "HAND",
                        "BEFORE", "MERGE", "UNDO",
                    ]
                ),
                name="billing_matchrecord_reason_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.billed}: {self.before or 'not matched'} → {self.after or 'not matched'}"
