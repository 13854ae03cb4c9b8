"""How the files of a biller without a profile are read: columns by name."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tknops.audit import audited


@audited()
class BillingMapping(models.Model):
    """A mapping saved under a name: usable as a profile, offered for files with its columns."""

    name = models.CharField(max_length=50, unique=True)
    columns = models.JSONField(default=dict, help_text="Field of the template → column.")
    constants = models.JSONField(
        default=dict, blank=True, help_text="Field → the same on each row."
    )
    last_day_counts = models.BooleanField(
        default=False, help_text="Whether the end of the service names its last day."
    )
    decimal = models.CharField(max_length=1, blank=True)
    dates = models.CharField(max_length=3, blank=True)
    accounting = models.BooleanField(default=False)
    file_columns = models.JSONField(default=list, help_text="The header it was made for, sorted.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="billing_mapping_has_name"),
            models.CheckConstraint(
                condition=Q(decimal__in=["", ".", ","]), name="billing_mapping_decimal_known"
            ),
            models.CheckConstraint(
                condition=Q(dates__in=["", "YMD", "DMY", "MDY"]), name="billing_mapping_dates_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
