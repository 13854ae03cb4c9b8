"""Rows of a file that was read but not yet confirmed."""

from django.db import models

from billing.models.imports import BillingImport


class StagedRow(models.Model):
    """One row as its profile understood it: a customer, subscription, invoice line or payment.

    Columns are named after the fields of the records; those of the other kinds are empty. Written
    by COPY, read by set-based SQL, gone once the import is applied or given up.
    """

    class Kind(models.TextChoices):
        """Which record it is."""

        CUSTOMER = "C", "customer"
        SUBSCRIPTION = "S", "subscription"
        LINE = "L", "invoice line"
        PAYMENT = "P", "payment, refund or dispute"

    billing_import = models.ForeignKey(
        BillingImport, on_delete=models.CASCADE, related_name="staged",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    line = models.IntegerField(help_text="Line in the file.")
    kind = models.CharField(max_length=1, choices=Kind)
    digest = models.UUIDField(help_text="Over the record, without its line.")
    customer_id = models.CharField(max_length=200)
    customer_name = models.CharField(max_length=200, blank=True)
    customer_email = models.CharField(max_length=254, blank=True)
    customer_metadata = models.JSONField(null=True)
    plan = models.CharField(max_length=200, blank=True)
    subscription = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    status = models.CharField(max_length=30, blank=True)
    # Of an invoice line:
    invoice_id = models.CharField(max_length=200, blank=True)
    line_id = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=200, blank=True)
    invoice_date = models.DateField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    service_start = models.DateField(null=True)
    service_end = models.DateField(null=True)
    line_kind = models.CharField(max_length=9, blank=True)
    credits = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=500, blank=True)
    # Of a subscription:
    price = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    interval = models.CharField(max_length=5, blank=True)
    interval_count = models.IntegerField(null=True)
    quantity = models.IntegerField(null=True)
    start_date = models.DateField(null=True)
    trial_end_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    renews_date = models.DateField(null=True)
    # Of a payment:
    charge = models.CharField(max_length=90, blank=True)
    reference = models.CharField(max_length=90, blank=True)
    event_kind = models.CharField(max_length=11, blank=True)
    occurred_on = models.DateField(null=True)
    fee_minor = models.BigIntegerField(null=True)
    running = models.BooleanField(
        null=True, help_text="Whether the amount is all there was of the kind by then."
    )

    class Meta:
        indexes = [
            models.Index(fields=["billing_import", "invoice_id", "line"], name="billing_staged_row")
        ]

    def __str__(self) -> str:
        return f"line {self.line} of import {self.billing_import_id}"
