"""What one currency is worth in another on a day, with where the figure is from."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tknops.audit import audited
from tknops.database import not_nan

_CODE = r"^[A-Z]{3}$"


@audited(inserts=False)
class RateImport(models.Model):
    """A file of rates: read and shown first, then written whole, taken back as a unit."""

    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=200)
    rows = models.JSONField(
        default=list, help_text="Line, base, quote, day and rate, until written."
    )
    errors = models.JSONField(default=list, help_text="Line and sentence.")
    created = models.IntegerField(default=0)
    corrected = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    @property
    def state(self) -> str:
        """Say where it stands."""
        if self.undone_at:
            return "undone"
        if self.applied_at:
            return "imported"
        return "has errors" if self.errors else "to be confirmed"

    def __str__(self) -> str:
        return f"import {self.pk} of {self.file_name}"


@audited(inserts=False)
class ExchangeRate(models.Model):
    """One `base` is so much of `quote` from its day on, until the next published day.

    A row is never overwritten: a correction ends it and adds another.
    """

    base = models.CharField(max_length=3, help_text="ISO 4217, such as EUR.")
    quote = models.CharField(max_length=3, help_text="ISO 4217, such as USD.")
    date = models.DateField(help_text="The day it was published for.")
    rate = models.DecimalField(
        max_digits=24, decimal_places=12, help_text="How much of the quote currency one base is."
    )
    source = models.CharField(max_length=200, help_text="Who published it, such as ECB.")
    reason = models.CharField(max_length=300, blank=True, help_text="Kept with a correction.")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    superseded_at = models.DateTimeField(null=True, blank=True)
    rate_import = models.ForeignKey(
        RateImport, null=True, blank=True, on_delete=models.PROTECT, related_name="rates"
    )
    import_line = models.IntegerField(null=True, blank=True, help_text="Line in the file.")
    superseded_in = models.ForeignKey(
        RateImport, null=True, blank=True, on_delete=models.PROTECT, related_name="superseded"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["base", "quote", "date"],
                condition=Q(superseded_at=None),
                name="billing_exchangerate_one_in_force",
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="billing_exchangerate_above_zero"),
            not_nan("billing_exchangerate_not_nan", "rate"),
            models.CheckConstraint(
                condition=Q(base__regex=_CODE, quote__regex=_CODE),
                name="billing_exchangerate_currencies_are_codes",
            ),
            models.CheckConstraint(
                condition=~Q(base=F("quote")), name="billing_exchangerate_of_two_currencies"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="billing_exchangerate_has_source"),
        ]

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate.normalize():f} {self.quote} on {self.date}"
