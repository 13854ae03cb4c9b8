"""Where revenue rows come from: a file, its line, and the biller's customers."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from customers.models import Customer
from tknops.audit import audited
from usage.models import ApiKey


def sender_of(user: Any, key: ApiKey | None) -> str:
    """Name who brought a file."""
    if user:
        return str(user)
    return f"key {key}" if key else "command line"


@audited(inserts=False)
class BillingImport(models.Model):
    """One billing file: staged and looked at first, then applied whole or not, undone as a unit."""

    class State(models.TextChoices):
        """Where it stands."""

        STAGING = "STAGING", "being read"
        ASKING = "ASKING", "asks how to read it"
        REFUSED = "REFUSED", "has errors"
        STAGED = "STAGED", "to be confirmed"
        APPLIED = "APPLIED", "imported"
        UNDONE = "UNDONE", "undone"

    profile = models.CharField(max_length=50)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State, default=State.STAGING)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    kept_as = models.CharField(
        max_length=80, blank=True, help_text="Our name of the file, kept until it is decided on."
    )
    reading = models.JSONField(
        default=dict, blank=True, help_text="What a person said: dialect, columns, replacing."
    )
    style = models.JSONField(default=dict, blank=True, help_text="How figures and dates were read.")
    asks = models.JSONField(default=list, blank=True, help_text="What a person has to say.")
    rows = models.IntegerField(default=0)
    errors = models.JSONField(default=list, blank=True, help_text="Line and sentence, the first.")
    error_count = models.IntegerField(default=0)
    warnings = models.JSONField(default=list, blank=True)
    left_out = models.JSONField(
        default=list, blank=True, help_text="Rows that are no revenue: why, how many, how much."
    )
    created = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    api_key = models.ForeignKey(ApiKey, null=True, blank=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["STAGING", "ASKING", "REFUSED", "STAGED", "APPLIED", "UNDONE"]
                ),
                name="billing_import_state_known",
            )
        ]
        permissions = [("preview_billingimport", "Can preview billing files")]

    def __str__(self) -> str:
        return f"import {self.pk} of {self.file_name}"

    @property
    def sender(self) -> str:
        """Name who brought it."""
        return sender_of(self.created_by, self.api_key)


@audited(inserts=False)
class BillingCustomer(models.Model):
    """A customer as the biller knows it; `customer` is empty until matched."""

    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    metadata = models.JSONField(
        default=dict, blank=True, help_text="What the biller keeps beside it: texts by key."
    )
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="billed_as"
    )
    billing_import = models.ForeignKey(
        BillingImport, null=True, blank=True, on_delete=models.PROTECT
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(external_id=""), name="billing_billingcustomer_has_id"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.external_id


class ReplacedRow(models.Model):
    """What a row was before an import changed it, so that the import can be undone."""

    billing_import = models.ForeignKey(BillingImport, on_delete=models.CASCADE)
    table = models.CharField(max_length=60)
    row_id = models.BigIntegerField()
    before = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["billing_import", "table", "row_id"], name="billing_replacedrow_unique"
            )
        ]
        indexes = [models.Index(fields=["table", "row_id"], name="billing_replacedrow_row")]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id} before import {self.billing_import_id}"
