"""What happened to the money of an invoice after it was billed: dated, apart from the invoice."""

from django.db import models
from django.db.models import Q

from billing.models.imports import BillingCustomer, BillingImport
from tknops.audit import audited


@audited(inserts=False)
class PaymentEvent(models.Model):
    """A payment, refund or dispute at its date, in minor units of its currency.

    A refund or dispute is contra-revenue at its date unless a credit note covers it, a dispute won
    takes one back; a payment is cash, never revenue. The biller's id of the event is its key.
    """

    class Kind(models.TextChoices):
        """What happened."""

        PAYMENT = "PAYMENT", "payment"
        REFUND = "REFUND", "refund"
        DISPUTE = "DISPUTE", "dispute"
        DISPUTE_WON = "DISPUTE_WON", "dispute won"

    external_id = models.CharField(max_length=200, unique=True)
    billing_customer = models.ForeignKey(
        BillingCustomer, on_delete=models.PROTECT, related_name="payment_events"
    )
    kind = models.CharField(max_length=11, choices=Kind)
    invoice_reference = models.CharField(
        max_length=200,
        blank=True,
        help_text="The invoice's id or number as the biller wrote it; it may not be here.",
    )
    occurred_on = models.DateField()
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="Minor units, above 0 whatever the kind.")
    fee_minor = models.BigIntegerField(
        null=True, blank=True, help_text="What the biller kept of it; empty: not stated."
    )
    billing_import = models.ForeignKey(
        BillingImport,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="payment_events",
    )
    import_line = models.IntegerField(null=True, blank=True, help_text="Line in the file.")
    fingerprint = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(external_id=""), name="billing_paymentevent_has_id"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["PAYMENT", "REFUND", "DISPUTE", "DISPUTE_WON"]),
                name="billing_paymentevent_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="billing_paymentevent_amount_above_0"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                name="billing_paymentevent_currency_is_code",
            ),
        ]
        indexes = [
            models.Index(fields=["occurred_on", "kind"], name="billing_payment_occurred"),
            models.Index(
                fields=["invoice_reference"],
                condition=~Q(invoice_reference=""),
                name="billing_payment_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.external_id}"
