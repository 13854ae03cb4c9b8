"""What was decided about a customer or plan that loses money."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from billing.models.plan import Plan
from customers.models import Customer
from tknops.audit import audited


@audited()
class Decision(models.Model):
    """A decision with its owner, day and expected effect; the measured one is shown beside it."""

    class Kind(models.TextChoices):
        """What is done about it."""

        REPRICE = "REPRICE", "reprice"
        CAP = "CAP", "cap usage"
        SWAP_MODEL = "SWAP_MODEL", "swap model"
        ACCEPT = "ACCEPT", "accept"

    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="decisions"
    )
    plan = models.ForeignKey(
        Plan, null=True, blank=True, on_delete=models.CASCADE, related_name="decisions"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    owner = models.CharField(max_length=200, help_text="Who sees it through.")
    decision_date = models.DateField()
    expected_effect = models.CharField(max_length=300, blank=True)
    expected_amount = models.DecimalField(
        max_digits=20,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Expected change of the AI margin a month, in the reporting currency.",
    )
    note = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(customer=None, plan__isnull=False)
                | Q(customer__isnull=False, plan=None),
                name="billing_decision_customer_or_plan",
                violation_error_message="Choose either a customer or a plan.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["REPRICE", "CAP", "SWAP_MODEL", "ACCEPT"]),
                name="billing_decision_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(expected_amount=None) | ~Q(expected_amount=models.Value("NaN")),
                name="billing_decision_amount_not_nan",
            ),
        ]

    @property
    def brief(self) -> str:
        """What and when, for a table that shows the owner beside it."""
        return f"{self.get_kind_display()}, {self.decision_date}"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.owner} · {self.decision_date}"
