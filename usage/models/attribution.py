"""Whose usage it is and what for: derived from contexts, dated, each run recorded."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from customers.dated import DatedAttribute, attribute_rules
from customers.models import Customer, EndUser, Team
from tknops.audit import audited
from tknops.database import ends_after_start
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


class CostClass(models.TextChoices):
    """How finance counts a cost; only the first is in the margin."""

    COGS = "COGS", "cost of revenue"
    OPEX = "OPEX", "operating expense"
    INTERNAL = "INTERNAL", "internal"


class AttributionRun(models.Model):
    """One derivation of attributions: when, why, by whom, from which rules, how much changed."""

    class Kind(models.TextChoices):
        """What led to it."""

        USAGE = "USAGE", "new usage"
        NAMES = "NAMES", "names changed"
        MERGE = "MERGE", "customers merged"
        RULES = "RULES", "rules applied"
        REVERT = "REVERT", "taken back"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NAMES)
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    rule_revision = models.ForeignKey(
        "usage.RuleRevision", null=True, blank=True, on_delete=models.PROTECT, related_name="runs"
    )
    changed = models.IntegerField("contexts changed", default=0)
    reverted = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reverts"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["USAGE", "NAMES", "MERGE", "RULES", "REVERT"]),
                name="usage_attributionrun_kind_known",
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.reason}"


def _reference(to: type[models.Model]) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        to,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
    )


class Attribution(models.Model):
    """What a context means in [valid_from, valid_to); a newer run supersedes, never edits.

    `<effect>_rule` is the id of the rule that decided, of the run's revision; null: the reference
    as sent did. Days no row covers mean nothing and are cost of revenue. Triggers forbid two rows
    in force on one day (usage_attribution_no_overlap) and, once a statement in the place of foreign
    keys, to refer to what is not there (usage_attribution_refers, _referred).
    """

    context = models.ForeignKey(
        Context, on_delete=models.PROTECT, related_name="attributions", db_constraint=False
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    customer = _reference(Customer)
    end_user = _reference(EndUser)
    feature = _reference(Feature)
    team = _reference(Team)
    cost_class = models.CharField(max_length=10, choices=CostClass, default=CostClass.COGS)
    customer_rule = models.IntegerField(null=True, blank=True)
    end_user_rule = models.IntegerField(null=True, blank=True)
    feature_rule = models.IntegerField(null=True, blank=True)
    team_rule = models.IntegerField(null=True, blank=True)
    cost_class_rule = models.IntegerField(null=True, blank=True)
    run = models.ForeignKey(
        AttributionRun,
        on_delete=models.PROTECT,
        related_name="made",
        db_constraint=False,
        db_index=False,
    )
    superseded_by = models.ForeignKey(
        AttributionRun,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="superseded",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        constraints = [
            ends_after_start("usage_attribution_ends_after_start"),
            models.CheckConstraint(
                condition=Q(cost_class__in=["COGS", "OPEX", "INTERNAL"]),
                name="usage_attribution_cost_class_known",
            ),
        ]
        # Few: a row superseded is written to each that is not partial.
        indexes = [
            models.Index(
                fields=["customer"],
                condition=Q(superseded_by=None),
                name="usage_attribution_in_force",
            ),
            models.Index(
                fields=["superseded_by"],
                condition=Q(superseded_by__isnull=False),
                name="usage_attribution_superseded",
            ),
            BrinIndex(fields=["run"], autosummarize=True, name="usage_attribution_run"),
        ]

    def __str__(self) -> str:
        return f"attribution of context {self.context_id}"
