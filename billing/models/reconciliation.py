"""What a person decides about provider bills: names, thresholds, true-ups."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from billing.models.pool import CostPoolAmount
from tknops.audit import audited


@audited()
class BilledModel(models.Model):
    """A name a provider bills a model by, and the model of the usage it means."""

    provider_code = models.CharField(max_length=100)
    billed_name = models.CharField(max_length=200)
    model = models.CharField(max_length=200, help_text="As in the usage.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider_code", "billed_name"], name="billing_billedmodel_unique"
            ),
            models.CheckConstraint(
                condition=~Q(billed_name="") & ~Q(model="") & ~Q(billed_name=F("model")),
                name="billing_billedmodel_means_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.billed_name} is {self.model}"


@audited()
class ReconciliationThreshold(models.Model):
    """How far tracked and billed cost of a provider may be apart; without one, of every provider.

    Apart = quantity + price + unpriced + unexplained, in % of the usage cost billed.
    """

    provider_code = models.CharField(
        max_length=100, blank=True, unique=True, help_text="Empty: every provider without its own."
    )
    green_pct = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(1), help_text="Green up to so many %."
    )
    amber_pct = models.DecimalField(
        max_digits=5, decimal_places=2, default=Decimal(5), help_text="Amber up to so many %."
    )
    ignore_below = models.DecimalField(
        max_digits=14, decimal_places=2, default=Decimal(1),
        help_text="Green whatever the %, up to so much of the reporting currency.",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(green_pct__gte=0, amber_pct__gte=F("green_pct"), amber_pct__lte=100),
                name="billing_reconciliationthreshold_in_order",
                violation_error_message="Amber must be at least green, both from 0 to 100 %.",
            ),
            models.CheckConstraint(
                condition=Q(ignore_below__gte=0, ignore_below__lt=Decimal(10) ** 12),
                name="billing_reconciliationthreshold_ignores_some",
            ),
        ]

    def __str__(self) -> str:
        return self.provider_code or "every provider"


@audited()
class TrueUp(models.Model):
    """What a bill has beyond the tracked cost, put into an open month as an amount of a pool.

    Usage stays as it was. Undone: the pool's amount is gone, the row says who took it back.
    """

    provider_code = models.CharField(max_length=100)
    month = models.DateField(help_text="First day of the UTC month that was billed.")
    posted_month = models.DateField(help_text="First day of the month that bears it.")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    pool_amount = models.OneToOneField(
        CostPoolAmount, null=True, blank=True, on_delete=models.PROTECT, related_name="true_up"
    )
    reason = models.CharField(max_length=300)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(month__day=1, posted_month__day=1), name="billing_trueup_months_start"
            ),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="billing_trueup_not_0"),
            models.CheckConstraint(
                condition=Q(undone_at=None, pool_amount__isnull=False)
                | Q(undone_at__isnull=False, pool_amount=None),
                name="billing_trueup_borne_until_undone",
            ),
        ]
        indexes = [models.Index(fields=["month", "provider_code"], name="billing_trueup_month")]

    def __str__(self) -> str:
        return f"true-up of {self.provider_code} {self.month:%Y-%m}"
