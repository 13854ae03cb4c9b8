"""Whose usage it is and what for: derived from contexts, dated, each run recorded."""

from django.db import models
from django.db.models import Q

from customers.dated import DatedAttribute, attribute_rules
from customers.models import Customer, EndUser, Team
from tknops.audit import audited
from tknops.database import ends_after_start, no_overlap
from usage.models.context import Context


@audited()
class Feature(models.Model):
    """A feature of our product that calls AI."""

    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


@audited(exclude=["name_hash"])
class FeatureAttribute(DatedAttribute):
    """A dated attribute of a feature."""

    OWNER = "feature"

    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="attributes")

    class Meta:
        constraints = attribute_rules("usage_featureattribute", "feature")


@audited()
class FeatureAlias(models.Model):
    """Another reference a feature is sent under."""

    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="aliases")
    alias = models.CharField(max_length=200, unique=True)

    class Meta:
        verbose_name_plural = "feature aliases"

    def __str__(self) -> str:
        return self.alias


class AttributionRun(models.Model):
    """One derivation of attributions: when, why and how many changed."""

    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    changed = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"run {self.pk}: {self.reason}"


class Attribution(models.Model):
    """What a context means in [valid_from, valid_to); a newer run supersedes, never edits."""

    class CostClass(models.TextChoices):
        """How finance counts it."""

        COGS = "COGS", "cost of revenue"
        OPEX = "OPEX", "operating expense"
        INTERNAL = "INTERNAL", "internal"

    context = models.ForeignKey(Context, on_delete=models.PROTECT, related_name="attributions")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.SET_NULL)
    end_user = models.ForeignKey(EndUser, null=True, blank=True, on_delete=models.SET_NULL)
    feature = models.ForeignKey(Feature, null=True, blank=True, on_delete=models.SET_NULL)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)
    cost_class = models.CharField(max_length=10, choices=CostClass, default=CostClass.COGS)
    run = models.ForeignKey(AttributionRun, on_delete=models.PROTECT, related_name="made")
    superseded_by = models.ForeignKey(
        AttributionRun, null=True, blank=True, on_delete=models.PROTECT, related_name="superseded"
    )

    class Meta:
        constraints = [
            ends_after_start("usage_attribution_ends_after_start"),
            no_overlap(
                "usage_attribution_no_overlap", "context_id", condition=Q(superseded_by=None)
            ),
            models.CheckConstraint(
                condition=Q(cost_class__in=["COGS", "OPEX", "INTERNAL"]),
                name="usage_attribution_cost_class_known",
            ),
        ]

    def __str__(self) -> str:
        return f"attribution of context {self.context_id}"
