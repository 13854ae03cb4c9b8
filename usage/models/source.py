"""Who may send: a source of usage and the keys bound to it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Source(models.Model):
    """A system that sends usage; part of the identity of each event it sends."""

    name = models.SlugField(max_length=100, unique=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key of a source: its public prefix and the SHA-256 of the whole; shown once."""

    class Scope(models.TextChoices):
        """What a key may do."""

        EVENTS_WRITE = "events:write"
        BILLING_WRITE = "billing:write"
        REPORTS_READ = "reports:read"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"tko_{self.prefix}…"
