"""Cost no call caused: pools, their dated amounts, and by which rule they are shared out."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from tknops.audit import audited
from tknops.database import ends_after_start, no_overlap
from usage.models import CostClass


@audited()
class CostPool(models.Model):
    """A cost that no call caused and several customers, plans or features share."""

    class Kind(models.TextChoices):
        """What it is for."""

        CAPACITY = "CAPACITY", "provisioned capacity"
        SEATS = "SEATS", "seats"
        EVALUATIONS = "EVALUATIONS", "evaluations"
        VECTOR_DATABASE = "VECTOR_DATABASE", "vector database"
        GPU_RENT = "GPU_RENT", "GPU rent"
        TRUE_UP = "TRUE_UP", "true-up of provider bills"
        OTHER = "OTHER", "other"

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=15, choices=Kind, default=Kind.OTHER)
    cost_class = models.CharField(
        max_length=10,
        choices=CostClass,
        default=CostClass.COGS,
        help_text="Shown and grouped by; a pool of any class is in the fully loaded margin.",
    )
    vendor = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3, help_text="ISO 4217, such as USD.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="billing_costpool_has_name"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="billing_costpool_currency_is_code"
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited(inserts=False)
class CostPoolImport(models.Model):
    """A CSV of amounts: read and shown first, then written whole, taken back as a unit."""

    file_name = models.CharField(max_length=200)
    rows = models.JSONField(default=list, help_text="As read, until written.")
    errors = models.JSONField(default=list, help_text="Line and sentence.")
    created_pools = models.JSONField(default=list, help_text="Pools it brought, by id.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    @property
    def state(self) -> str:
        """Say where it stands."""
        if self.undone_at:
            return "undone"
        if self.applied_at:
            return "imported"
        return "has errors" if self.errors else "to be confirmed"

    def __str__(self) -> str:
        return f"import {self.pk} of {self.file_name}"


@audited()
class CostPoolAmount(models.Model):
    """What a pool costs over [service_start, service_end), in minor units of its currency.

    Spread straight-line over its days. An amount from usage has a filter instead of a figure: the
    AI cost without a customer that passes it.
    """

    class Source(models.TextChoices):
        """Where the amount is from."""

        HAND = "HAND", "by hand"
        IMPORT = "IMPORT", "CSV"
        USAGE = "USAGE", "unattributed usage"
        TRUE_UP = "TRUEUP", "true-up"

    pool = models.ForeignKey(CostPool, on_delete=models.CASCADE, related_name="amounts")
    source = models.CharField(max_length=6, choices=Source, default=Source.HAND)
    service_start = models.DateField()
    service_end = models.DateField(
        null=True, blank=True, help_text="Exclusive; empty: from usage, still running."
    )
    amount_minor = models.BigIntegerField(null=True, blank=True)
    usage_filter = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=300, blank=True)
    pool_import = models.ForeignKey(
        CostPoolImport, null=True, blank=True, on_delete=models.PROTECT, related_name="amounts"
    )
    import_line = models.IntegerField(null=True, blank=True, help_text="Line in the file.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(service_end=None) | Q(service_end__gt=F("service_start")),
                name="billing_costpoolamount_period_in_order",
            ),
            models.CheckConstraint(
                condition=Q(source="USAGE", amount_minor=None) & ~Q(usage_filter={})
                | Q(
                    source__in=["HAND", "IMPORT", "TRUEUP"],
                    amount_minor__isnull=False,
                    service_end__isnull=False,
                    usage_filter={},
                ),
                name="billing_costpoolamount_figure_or_filter",
            ),
            models.CheckConstraint(
                condition=Q(source="IMPORT", pool_import__isnull=False)
                | ~Q(source="IMPORT") & Q(pool_import=None),
                name="billing_costpoolamount_import_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} from {self.service_start}"


@audited()
class AllocationRule(models.Model):
    """How a pool is shared out on the days [valid_from, valid_to)."""

    class Target(models.TextChoices):
        """Whom the cost is given to: the name of the dimension."""

        CUSTOMER = "customer", "customers"
        PLAN = "plan", "plans"
        FEATURE = "feature", "features"

    class Method(models.TextChoices):
        """By what it is shared."""

        DIRECT_COST = "DIRECT_COST", "by direct cost"
        TOKENS = "TOKENS", "by tokens"
        REVENUE = "REVENUE", "by revenue"
        EVENLY = "EVENLY", "evenly over those with calls"
        WEIGHTS = "WEIGHTS", "by fixed weights"

    pool = models.ForeignKey(CostPool, on_delete=models.CASCADE, related_name="rules")
    target = models.CharField(max_length=8, choices=Target, default=Target.CUSTOMER)
    method = models.CharField(max_length=11, choices=Method, default=Method.DIRECT_COST)
    filters = models.JSONField(default=dict, blank=True)
    weights = models.JSONField(default=dict, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty: in force.")
    reason = models.CharField(max_length=300)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            ends_after_start("billing_allocationrule_ends_after_start"),
            no_overlap("billing_allocationrule_no_overlap", "pool_id"),
            models.CheckConstraint(
                condition=Q(target__in=["customer", "plan", "feature"]),
                name="billing_allocationrule_target_known",
            ),
            models.CheckConstraint(
                condition=Q(method__in=["DIRECT_COST", "TOKENS", "REVENUE", "EVENLY", "WEIGHTS"]),
                name="billing_allocationrule_method_known",
            ),
            models.CheckConstraint(
                condition=~Q(method="REVENUE", target="feature"),
                name="billing_allocationrule_revenue_has_target",
                violation_error_message="A flat fee has no feature: revenue cannot share by it.",
            ),
            models.CheckConstraint(
                condition=Q(method="WEIGHTS") & ~Q(weights={})
                | ~Q(method="WEIGHTS") & Q(weights={}),
                name="billing_allocationrule_weights_with_method",
                violation_error_message="Fixed weights need at least one; other methods have none.",
            ),
        ]

    def __str__(self) -> str:
        return f"to {self.get_target_display()} {self.get_method_display()}"
