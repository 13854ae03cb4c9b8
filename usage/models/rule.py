"""Rules of attribution as people edit them, and the revisions of them that were put in force."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from customers.models import Customer, EndUser, Team
from tknops.audit import audited
from tknops.database import ends_after_start
from usage.models.attribution import CostClass, Feature


class RuleRevision(models.Model):
    """The rules as they were put in force together; the newest is in force.

    `rules` holds every rule as JSON, `pins` the references that mean something else than their
    name says: [kind, reference, id the name has, id it means], written by a revert.
    """

    rules = models.JSONField(default=list)
    pins = models.JSONField(default=list)
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )

    def __str__(self) -> str:
        return f"revision {self.pk} of the rules"


@audited()
class AttributionRule(models.Model):
    """Contexts that meet all conditions, on days in [valid_from, valid_to), mean what it sets.

    An edited rule does nothing until the rules are applied.
    """

    class Mode(models.TextChoices):
        """Whether a direct reference wins over the rule."""

        FILLS = "FILLS", "fills what the reference leaves open"
        OVERRIDES = "OVERRIDES", "overrides the reference"

    name = models.CharField(max_length=100, unique=True)
    position = models.PositiveIntegerField(
        default=100, help_text="Lower goes first; the first rule that sets something decides it."
    )
    active = models.BooleanField(default=True, help_text="Unticked: a draft, or taken out.")
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.FILLS)
    valid_from = models.DateField(null=True, blank=True, help_text="Empty: from the beginning.")
    valid_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty: still so.")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT)
    end_user = models.ForeignKey(EndUser, null=True, blank=True, on_delete=models.PROTECT)
    feature = models.ForeignKey(Feature, null=True, blank=True, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT)
    cost_class = models.CharField(max_length=10, choices=CostClass, blank=True)

    class Meta:
        constraints = [
            ends_after_start("usage_attributionrule_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(customer=None, end_user=None, feature=None, team=None, cost_class=""),
                name="usage_attributionrule_sets_something",
                violation_error_message="Choose at least one thing the rule sets.",
            ),
            models.CheckConstraint(
                condition=Q(cost_class__in=["", *CostClass.values]),
                name="usage_attributionrule_cost_class_known",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["FILLS", "OVERRIDES"]),
                name="usage_attributionrule_mode_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class RuleCondition(models.Model):
    """What a context must have, as sent; an empty value and a missing one are the same."""

    class Field(models.TextChoices):
        """What is looked at."""

        SOURCE = "source", "source (the system an API key belongs to)"
        API_KEY = "api_key", "API key (its name)"
        CUSTOMER = "customer_reference", "customer as sent"
        USER = "user_reference", "end user as sent"
        FEATURE = "feature_reference", "feature as sent"
        TEAM = "team_reference", "team as sent"
        ENVIRONMENT = "environment", "environment"
        OPERATION = "operation", "operation"
        PROVIDER = "provider", "provider"
        MODEL = "model", "model"
        TAG = "tag", "tag"

    class Operator(models.TextChoices):
        """How it is compared; upper and lower case differ."""

        EQUALS = "EQUALS", "equals"
        ONE_OF = "ONE_OF", "is one of"
        PREFIX = "PREFIX", "begins with"
        PATTERN = "PATTERN", "matches the pattern"
        MISSING = "MISSING", "is missing"

    rule = models.ForeignKey(AttributionRule, on_delete=models.CASCADE, related_name="conditions")
    field = models.CharField(max_length=30, choices=Field)
    tag_key = models.CharField(max_length=64, blank=True, help_text="Of a tag: its key.")
    operator = models.CharField(max_length=10, choices=Operator, default=Operator.EQUALS)
    values = models.TextField(blank=True, help_text="One per line.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(field="tag", tag_key__gt="") | (~Q(field="tag") & Q(tag_key="")),
                name="usage_rulecondition_tag_has_key",
                violation_error_message="A tag needs its key; anything else has none.",
            ),
            models.CheckConstraint(
                condition=Q(
                    field__in=[
                        "source",
                        "api_key",
                        "customer_reference",
                        "user_reference",
                        "feature_reference",
                        "team_reference",
                        "environment",
                        "operation",
                        "provider",
                        "model",
                        "tag",
                    ]
                ),
                name="usage_rulecondition_field_known",
            ),
            models.CheckConstraint(
                condition=Q(operator__in=["EQUALS", "ONE_OF", "PREFIX", "PATTERN", "MISSING"]),
                name="usage_rulecondition_operator_known",
            ),
            models.CheckConstraint(
                condition=Q(operator="MISSING", values="")
                | (~Q(operator="MISSING") & Q(values__gt="")),
                name="usage_rulecondition_has_values",
                violation_error_message="“is missing” takes no value; any other needs one.",
            ),
        ]

    @property
    def subject(self) -> str:
        """What is looked at, `tag.<key>` for a tag."""
        return f"tag.{self.tag_key}" if self.field == self.Field.TAG else self.field

    @property
    def wanted(self) -> list[str]:
        """The values, one per line; blank lines do not count."""
        return [line.strip() for line in self.values.splitlines() if line.strip()]

    def __str__(self) -> str:
        return f"{self.subject} {self.get_operator_display()} {', '.join(self.wanted)}".strip()
