"""What is sold: plans, their dated prices, and who subscribed from when to when."""

from django.db import models
from django.db.models import F, Q

from billing.models.imports import BillingCustomer, BillingImport
from tknops.audit import audited
from tknops.database import ends_after_start, no_overlap, not_nan

# Three years of days, the longest a biller charges at once.
LONGEST_COUNT = 1_096


class Interval(models.TextChoices):
    """How often a price is charged: every so many of these."""

    DAY = "DAY", "day"
    WEEK = "WEEK", "week"
    MONTH = "MONTH", "month"
    YEAR = "YEAR", "year"


def every(interval: str, count: int) -> str:
    """Say an interval in words: month, 3 months."""
    return interval.lower() if count == 1 else f"{count} {interval.lower()}s"


def _intervals_known(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(
            interval__in=Interval.values, interval_count__gte=1, interval_count__lte=LONGEST_COUNT
        ),
        name=name,
    )


@audited()
class Plan(models.Model):
    """A plan customers subscribe to."""

    code = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


@audited()
class PlanPrice(models.Model):
    """The list price of a plan per interval and seat, dated."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="prices")
    price = models.DecimalField(max_digits=20, decimal_places=4)
    currency = models.CharField(max_length=3)
    interval = models.CharField(max_length=5, choices=Interval, default=Interval.MONTH)
    interval_count = models.PositiveSmallIntegerField(
        default=1, help_text="Charged every so many intervals: 3 months are a quarter."
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty: in force.")

    class Meta:
        constraints = [
            ends_after_start("billing_planprice_ends_after_start"),
            *(
                no_overlap(
                    f"billing_planprice_{interval.lower()}_no_overlap",
                    "plan",
                    "interval_count",
                    condition=Q(interval=interval),
                )
                for interval in Interval.values
            ),
            _intervals_known("billing_planprice_interval_known"),
            models.CheckConstraint(
                condition=Q(price__gte=0), name="billing_planprice_not_negative"
            ),
            not_nan("billing_planprice_not_nan", "price"),
        ]

    def __str__(self) -> str:
        return f"{self.price} {self.currency} per {self.every}"

    @property
    def every(self) -> str:
        """How often it is charged, in words."""
        return every(self.interval, self.interval_count)


@audited(inserts=False)
class Subscription(models.Model):
    """A customer on a plan in [start_date, end_date); the price is for all seats together."""

    external_id = models.CharField(max_length=200, unique=True)
    billing_customer = models.ForeignKey(
        BillingCustomer, on_delete=models.PROTECT, related_name="subscriptions"
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    price = models.DecimalField(max_digits=20, decimal_places=4)
    currency = models.CharField(max_length=3)
    interval = models.CharField(max_length=5, choices=Interval, default=Interval.MONTH)
    interval_count = models.PositiveSmallIntegerField(
        default=1, help_text="Charged every so many intervals: 3 months are a quarter."
    )
    quantity = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=30, default="active")
    start_date = models.DateField()
    trial_end_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True, help_text="Exclusive; empty: running.")
    renews_date = models.DateField(null=True, blank=True)
    billing_import = models.ForeignKey(
        BillingImport, null=True, blank=True, on_delete=models.PROTECT
    )
    import_line = models.IntegerField(null=True, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(end_date=None) | Q(end_date__gte=F("start_date")),
                name="billing_subscription_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0), name="billing_subscription_price_not_negative"
            ),
            not_nan("billing_subscription_price_not_nan", "price"),
            _intervals_known("billing_subscription_interval_known"),
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def every(self) -> str:
        """How often it is charged, in words."""
        return every(self.interval, self.interval_count)
