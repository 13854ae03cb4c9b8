"""Which months are closed, as a ledger: what is posted in a closed month is posted in the open."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class MonthClosing(models.Model):
    """A month was closed, or opened again; the newest row of a month says which.

    Only the month after the last closed one is closed, only the last closed one opened again:
    triggers of the database hold both, and wait for the ingestion of the month.
    """

    month = models.DateField(help_text="Its first day.")
    is_closed = models.BooleanField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["month", "-id"], name="usage_monthclosing_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(month__day=1), name="usage_monthclosing_is_first_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {'closed' if self.is_closed else 'opened again'}"
