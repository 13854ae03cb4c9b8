"""How revenue is recognised where an invoice alone does not say: dated settings, with reasons."""

from django.db import models
from django.db.models import Q

from billing.models.plan import Plan, Subscription
from tknops.audit import audited
from tknops.database import ends_after_start, no_overlap, not_nan


@audited()
class RecognitionPolicy(models.Model):
    """How lines of a plan are recognised if invoiced on [valid_from, valid_to).

    The unit price is what they pay per 1,000,000 of the measure, in `currency`.
    """

    class Prepaid(models.TextChoices):
        """Whether its lines buy credits, and when what is never drawn becomes revenue."""

        NO = "NO", "no prepaid credits"
        KEPT = "KEPT", "prepaid credits, no breakage"
        AT_EXPIRY = "AT_EXPIRY", "prepaid credits, breakage at expiry"
        PROPORTIONAL = "PROPORTIONAL", "prepaid credits, breakage in proportion to drawdown"

    class Accrual(models.TextChoices):
        """How usage that no line bills yet is estimated."""

        OFF = "OFF", "not accrued"
        LAST_RATE = "LAST_RATE", "at the rate of the last billed usage"
        UNIT_PRICE = "UNIT_PRICE", "at the unit price"

    class Measure(models.TextChoices):
        """The usage that draws credits and is accrued."""

        EVENTS = "EVENTS", "calls"
        TOKENS = "TOKENS", "tokens"
        UNITS = "UNITS", "units"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="policies")
    one_off_months = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="One-off lines without a period: over so many months; empty: at once.",
    )
    prepaid = models.CharField(max_length=12, choices=Prepaid, default=Prepaid.NO)
    expiry_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Credits expire so many months after the service start."
    )
    breakage_pct = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="The share of credits expected never to be drawn, in percent.",
    )
    accrual = models.CharField(max_length=10, choices=Accrual, default=Accrual.OFF)
    measure = models.CharField(max_length=6, choices=Measure, default=Measure.EVENTS)
    unit_price = models.DecimalField(
        max_digits=20,
        decimal_places=10,
        null=True,
        blank=True,
        help_text="What they pay per 1,000,000 of the measure.",
    )
    currency = models.CharField(max_length=3, blank=True, help_text="Of the unit price.")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty: in force.")
    reason = models.CharField(max_length=300)

    class Meta:
        verbose_name = "recognition policy"
        verbose_name_plural = "recognition policies"
        constraints = [
            ends_after_start("billing_recognitionpolicy_ends_after_start"),
            no_overlap("billing_recognitionpolicy_no_overlap", "plan"),
            not_nan("billing_recognitionpolicy_price_not_nan", "unit_price"),
            not_nan("billing_recognitionpolicy_breakage_not_nan", "breakage_pct"),
            models.CheckConstraint(
                condition=Q(prepaid__in=["NO", "KEPT", "AT_EXPIRY", "PROPORTIONAL"])
                & Q(accrual__in=["OFF", "LAST_RATE", "UNIT_PRICE"])
                & Q(measure__in=["EVENTS", "TOKENS", "UNITS"]),
                name="billing_recognitionpolicy_choices_known",
            ),
            models.CheckConstraint(
                condition=Q(prepaid="NO") & ~Q(accrual="UNIT_PRICE")
                | Q(unit_price__isnull=False, unit_price__gt=0) & Q(currency__regex=r"^[A-Z]{3}$"),
                name="billing_recognitionpolicy_price_stated",
                violation_error_message=(
                    "Prepaid credits and an accrual at the unit price need a unit price above 0 "
                    "and its currency, e.g. USD."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(prepaid="AT_EXPIRY")
                | Q(expiry_months__isnull=False, expiry_months__gt=0),
                name="billing_recognitionpolicy_expiry_stated",
                violation_error_message="Breakage at expiry needs the months until credits expire.",
            ),
            models.CheckConstraint(
                condition=~Q(prepaid="PROPORTIONAL")
                | Q(breakage_pct__isnull=False, breakage_pct__gte=0, breakage_pct__lt=100),
                name="billing_recognitionpolicy_breakage_stated",
                violation_error_message=(
                    "Breakage in proportion needs the share expected never to be drawn, "
                    "from 0 to below 100 %."
                ),
            ),
            models.CheckConstraint(
                condition=Q(one_off_months=None) | Q(one_off_months__gt=0),
                name="billing_recognitionpolicy_term_above_0",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} from {self.valid_from or 'the beginning'}"


@audited()
class SubscriptionPause(models.Model):
    """A subscription charges nothing on [valid_from, valid_to): no contracted revenue."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="pauses")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty: still paused.")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            ends_after_start("billing_subscriptionpause_ends_after_start"),
            no_overlap("billing_subscriptionpause_no_overlap", "subscription"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription} from {self.valid_from}"


@audited()
class InvoiceSplit(models.Model):
    """By what a line that names no plan is split over the subscriptions it covers.

    For invoices dated in [valid_from, valid_to); where no rule is in force it stays without plan.
    """

    class Method(models.TextChoices):
        """By what it is shared out."""

        LIST_PRICE = "LIST_PRICE", "by plan list price and days"
        EVENLY = "EVENLY", "evenly"

    method = models.CharField(max_length=10, choices=Method, default=Method.LIST_PRICE)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty: in force.")
    reason = models.CharField(max_length=300)

    class Meta:
        verbose_name = "invoice split"
        constraints = [
            ends_after_start("billing_invoicesplit_ends_after_start"),
            no_overlap("billing_invoicesplit_no_overlap"),
            models.CheckConstraint(
                condition=Q(method__in=["LIST_PRICE", "EVENLY"]),
                name="billing_invoicesplit_method_known",
            ),
        ]

    def __str__(self) -> str:
        return self.get_method_display()
