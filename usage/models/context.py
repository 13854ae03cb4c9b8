"""The raw circumstances of a call as sent, interned so that an event carries one integer."""

from django.db import models

from usage.models.source import Source


class Provider(models.Model):
    """A provider of models, by its genai-prices id."""

    code = models.CharField(max_length=100, primary_key=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Sku(models.Model):
    """What was bought: provider, model, service tier and region as sent ('' = not said)."""

    provider_code = models.CharField(max_length=100)
    model = models.CharField(max_length=200)
    service_tier = models.CharField(max_length=50, blank=True)
    region = models.CharField(max_length=50, blank=True)

    class Meta:
        verbose_name = "SKU"
        constraints = [
            models.UniqueConstraint(
                fields=["provider_code", "model", "service_tier", "region"],
                name="usage_sku_unique",
            )
        ]

    def __str__(self) -> str:
        parts = (self.provider_code, self.model, self.service_tier, self.region)
        return " · ".join(part for part in parts if part)


class EndUserReference(models.Model):
    """An end user as sent; erasing blanks the reference and leaves every total."""

    reference = models.CharField(max_length=200, blank=True)
    digest = models.UUIDField(unique=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.reference or "(erased)"


class Context(models.Model):
    """One row per distinct circumstances as sent; never changed.

    `api_key` is the name of the key it was sent with, the same for all keys of a rotation; '' for
    a file, a key without a name, and what came before keys were noted.
    """

    id = models.AutoField(primary_key=True)
    digest = models.UUIDField(unique=True, help_text="16 bytes over the canonical form.")
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    api_key = models.CharField("API key", max_length=100, blank=True, default="", db_default="")
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT)
    customer_reference = models.CharField(max_length=200, blank=True)
    user_reference = models.ForeignKey(
        EndUserReference, null=True, blank=True, on_delete=models.PROTECT
    )
    feature_reference = models.CharField(max_length=200, blank=True)
    team_reference = models.CharField(max_length=200, blank=True)
    environment = models.CharField(max_length=100, blank=True)
    operation = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=50, default="ok")
    unit = models.CharField(max_length=20, blank=True, help_text="What `units` counts.")
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["customer_reference"], name="usage_context_customer")]

    def __str__(self) -> str:
        return f"context {self.pk}"
