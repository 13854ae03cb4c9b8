"""Where revenue rows come from: a file, its line, and the biller's customers."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from customers.models import Customer


class BillingImport(models.Model):
    """One imported billing file; undone as a unit by setting `undone_at`."""

    profile = models.CharField(max_length=50)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    rows = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("preview_billingimport", "Can preview billing files")]

    def __str__(self) -> str:
        return f"import {self.pk} of {self.file_name}"


class BillingCustomer(models.Model):
    """A customer as the biller knows it; `customer` is empty until matched."""

    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
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
