"""What was billed: invoices and their lines, each line with the period it pays for."""

from django.db import models
from django.db.models import F, Q

from billing.models.imports import BillingCustomer, BillingImport
from billing.models.plan import Plan, Subscription
from tknops.audit import audited


@audited(inserts=False)
class Invoice(models.Model):
    """An invoice or credit note as the biller issued it."""

    class Status(models.TextChoices):
        """Draft and void invoices never count; uncollectible ones are bad debt."""

        DRAFT = "DRAFT", "draft"
        OPEN = "OPEN", "open"
        PAID = "PAID", "paid"
        VOID = "VOID", "void"
        UNCOLLECTIBLE = "UNCOLLECTIBLE", "uncollectible"

    external_id = models.CharField(max_length=200, unique=True)
    number = models.CharField(max_length=200, blank=True)
    billing_customer = models.ForeignKey(
        BillingCustomer, on_delete=models.PROTECT, related_name="invoices"
    )
    invoice_date = models.DateField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=13, choices=Status, default=Status.OPEN)
    credits = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="credit_notes"
    )
    billing_import = models.ForeignKey(
        BillingImport, null=True, blank=True, on_delete=models.PROTECT, related_name="invoices"
    )
    fingerprint = models.CharField(max_length=64, blank=True)
    detail_fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Of the file its lines came by, if not the same."
    )

    class Meta:
        permissions = [("export_report", "Can download reports as files")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "OPEN", "PAID", "VOID", "UNCOLLECTIBLE"]),
                name="billing_invoice_status_known",
            )
        ]

    def __str__(self) -> str:
        return self.number or self.external_id


@audited(inserts=False)
class InvoiceLine(models.Model):
    """Revenue of a service period: net of tax, after discount, in integer minor units.

    Recognised straight-line over [service_start, service_end); see finance: R(k) = round(A·k/n).
    """

    class Kind(models.TextChoices):
        """What the line is for."""

        RECURRING = "RECURRING", "recurring"
        USAGE = "USAGE", "usage"
        ONE_TIME = "ONE_TIME", "one-time"
        CREDIT = "CREDIT", "credit"
        REFUND = "REFUND", "refund"

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    line_id = models.CharField(max_length=200, default="1")
    description = models.CharField(max_length=500, blank=True)
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.PROTECT)
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )
    subscription_reference = models.CharField(
        max_length=200,
        blank=True,
        help_text="As billed; its subscription may come later.",
    )
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.RECURRING)
    amount_minor = models.BigIntegerField(help_text="Minor units, ex tax, after discount.")
    service_start = models.DateField()
    service_end = models.DateField(help_text="Exclusive.")
    import_line = models.IntegerField(null=True, blank=True, help_text="Line in the file.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "line_id"], name="billing_invoiceline_unique"
            ),
            models.CheckConstraint(
                condition=Q(service_end__gt=F("service_start")),
                name="billing_invoiceline_period_in_order",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["RECURRING", "USAGE", "ONE_TIME", "CREDIT", "REFUND"]),
                name="billing_invoiceline_kind_known",
            ),
        ]
        indexes = [
            models.Index(fields=["service_start", "service_end"], name="billing_line_service"),
            models.Index(
                fields=["subscription_reference"],
                condition=Q(subscription=None) & ~Q(subscription_reference=""),
                name="billing_line_unlinked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.line_id}"
