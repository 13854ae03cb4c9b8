"""What it costs: dated prices per million, and the other names models go by."""

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q

from tknops.audit import audited
from tknops.database import ends_after_start, no_overlap, not_nan
from usage.tokens import TOKEN_CLASSES, UNITS

PRICED_CHOICES = [(token.name, token.label) for token in TOKEN_CLASSES] + [(UNITS, "Units")]


class PriceRevision(models.Model):
    """One change of the price book: who, when, why; a reverted one names its revert."""

    class Kind(models.TextChoices):
        """Where it came from."""

        BY_HAND = "BY_HAND", "by hand"
        SYNC = "SYNC", "price sync"
        IMPORT = "IMPORT", "price file"
        REVERT = "REVERT", "revert"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.BY_HAND)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )
    reverts = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reverted_by"
    )

    def __str__(self) -> str:
        return f"price revision {self.pk}: {self.reason or self.get_kind_display()}"


class Versioned(models.Model):
    """A row that is never overwritten: the revision that added it and the one that ended it."""

    created_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    added_in = models.ForeignKey(
        PriceRevision, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    superseded_in = models.ForeignKey(
        PriceRevision, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


@audited(inserts=False)
class ModelAlias(models.Model):
    """Another name a provider's model goes by."""

    provider_code = models.CharField(max_length=100)
    alias = models.CharField(max_length=200)
    model = models.CharField(max_length=200)
    source = models.CharField(max_length=30, default="manual")
    added_in = models.ForeignKey(
        PriceRevision, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name_plural = "model aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["provider_code", "alias"], name="usage_modelalias_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.alias} → {self.model}"


class PriceTerms(models.Model):
    """What a price says: money per million of a token class of a model, and where it holds."""

    class Kind(models.TextChoices):
        """Public or negotiated."""

        LIST = "LIST", "list"
        CONTRACTED = "CONTRACTED", "contracted"

    provider_code = models.CharField(max_length=100)
    model = models.CharField(max_length=200)
    service_tier = models.CharField(max_length=50, blank=True)
    region = models.CharField(max_length=50, blank=True)
    token_class = models.CharField(max_length=30, choices=PRICED_CHOICES)
    unit = models.CharField(max_length=20, blank=True)
    threshold = models.BigIntegerField(default=0, help_text="Applies above so many input tokens.")
    price_window = models.CharField(max_length=11, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.LIST)
    per_million = models.DecimalField(
        max_digits=20, decimal_places=10, help_text="Money per 1,000,000."
    )
    currency = models.CharField(max_length=3, default="USD")
    valid_from = models.DateField(null=True, blank=True, help_text="Empty: since ever.")
    valid_to = models.DateField(null=True, blank=True, help_text="Exclusive; empty: in force.")
    source = models.CharField(max_length=30, default="manual")
    source_version = models.CharField(max_length=50, blank=True)
    original = models.CharField(
        max_length=60, blank=True, help_text="The source's figure, where it had more decimals."
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.provider_code} {self.model} {self.token_class}"


@audited(exclude=["key_hash"])
class Price(PriceTerms, Versioned):
    """Money per million of a token class of a model, for requests above `threshold` input tokens.

    `price_window` is a UTC time of day such as 00:30-16:30 ('' = always). Rows that are no longer
    current carry the time they were superseded at; they are never overwritten.
    """

    # An integer stand-in for the textual key, so that the overlap rule needs no extension.
    key_hash = models.GeneratedField(
        expression=Func(
            F("provider_code"),
            F("model"),
            F("service_tier"),
            F("region"),
            F("token_class"),
            F("unit"),
            F("threshold"),
            F("price_window"),
            F("kind"),
            template=(
                "hashtextextended(provider_code || '|' || model || '|' || service_tier"
                " || '|' || region || '|' || token_class || '|' || unit"
                " || '|' || threshold::text || '|'"
                " || price_window || '|' || kind, 0)"
            ),
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        indexes = [models.Index(fields=["provider_code", "model"], name="usage_price_model")]
        constraints = [
            models.CheckConstraint(
                condition=Q(per_million__gte=0), name="usage_price_not_negative"
            ),
            not_nan("usage_price_not_nan", "per_million"),
            models.CheckConstraint(
                condition=Q(threshold__gte=0), name="usage_price_threshold_not_negative"
            ),
            ends_after_start("usage_price_ends_after_start"),
            no_overlap("usage_price_no_overlap", "key_hash", condition=Q(superseded_at=None)),
        ]
