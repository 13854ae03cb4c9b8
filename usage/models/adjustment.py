"""What a contract takes off the list or multiplies it by, for many prices at once."""

from django.db import models
from django.db.models import F, Func, Q

from tknops.audit import audited
from tknops.database import ends_after_start, no_overlap, not_nan
from usage.models.price import Versioned
from usage.tokens import TOKEN_CLASSES, TOKEN_GROUPS, UNITS

COVERED_CHOICES = [
    ("", "Everything"),
    *((name, label) for name, (label, _) in TOKEN_GROUPS.items()),
    *((token.name, token.label) for token in TOKEN_CLASSES),
    (UNITS, "Units"),
]


@audited(exclude=["key_hash"])
class PriceAdjustment(Versioned):
    """A dated rule over prices; '' matches everything, * stands for any letters.

    `value` is a percentage off, money per million, or a factor, as the kind says.
    """

    class Kind(models.TextChoices):
        """What it does (FOCUS: negotiated and commitment discounts)."""

        NEGOTIATED_DISCOUNT = "NEGOTIATED_DISCOUNT", "negotiated discount, % off list"
        COMMITTED_RATE = "COMMITTED_RATE", "commitment discount, price per million"
        REGION_FACTOR = "REGION_FACTOR", "region, × the price of no region"
        TIER_FACTOR = "TIER_FACTOR", "batch, flex, priority, × the ordinary tier"
        CACHE_FACTOR = "CACHE_FACTOR", "cache, × the uncached input"

    name = models.CharField(max_length=200, help_text="What the contract calls it.")
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.DecimalField(max_digits=20, decimal_places=10)
    currency = models.CharField(
        max_length=3, blank=True, help_text="Of a price per million; empty otherwise."
    )
    provider_code = models.CharField(max_length=100, blank=True, help_text="Empty: every one.")
    model = models.CharField(
        max_length=200,
        blank=True,
        help_text="Exact or a pattern such as gpt-4o*; empty: every one.",
    )
    service_tier = models.CharField(
        max_length=50, blank=True, help_text="default is the ordinary one; empty: every one."
    )
    region = models.CharField(max_length=50, blank=True, help_text="Or eu-*; empty: every one.")
    token_class = models.CharField(max_length=30, blank=True, choices=COVERED_CHOICES)
    unit = models.CharField(max_length=20, blank=True)
    valid_from = models.DateField(null=True, blank=True, help_text="Empty: since ever.")
    valid_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty: in force.")
    # An integer stand-in for the textual key, so that the overlap rule needs no extension.
    key_hash = models.GeneratedField(
        expression=Func(
            F("kind"),
            F("provider_code"),
            F("model"),
            F("service_tier"),
            F("region"),
            F("token_class"),
            F("unit"),
            template=(
                "hashtextextended(kind || '|' || provider_code || '|' || model || '|'"
                " || service_tier || '|' || region || '|' || token_class || '|' || unit, 0)"
            ),
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0), name="usage_adjustment_not_negative"),
            not_nan("usage_adjustment_not_nan", "value"),
            models.CheckConstraint(
                condition=~Q(kind="NEGOTIATED_DISCOUNT") | Q(value__lte=100),
                name="usage_adjustment_discount_at_most_all",
            ),
            models.CheckConstraint(
                condition=Q(kind="COMMITTED_RATE") ^ Q(currency=""),
                name="usage_adjustment_rate_has_currency",
            ),
            models.CheckConstraint(
                condition=~Q(kind="REGION_FACTOR") | ~Q(region=""),
                name="usage_adjustment_region_given",
            ),
            models.CheckConstraint(
                condition=~Q(kind="TIER_FACTOR") | ~Q(service_tier__in=["", "default"]),
                name="usage_adjustment_tier_given",
            ),
            ends_after_start("usage_adjustment_ends_after_start"),
            no_overlap("usage_adjustment_no_overlap", "key_hash", condition=Q(superseded_at=None)),
        ]

    def __str__(self) -> str:
        return self.name
