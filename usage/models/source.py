"""Who may send: a source of usage and the keys bound to it."""

import datetime as dt

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Source(models.Model):
    """A system that sends usage; part of the identity of each event it sends."""

    name = models.SlugField(max_length=100, unique=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys by their state."""

    def live(self, now: dt.datetime) -> "ApiKeyQuerySet":
        """Keep the keys that open doors: neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


class ApiKey(models.Model):
    """A key of a source: its public prefix and the SHA-256 of the whole; shown once."""

    class Scope(models.TextChoices):
        """What a key may do."""

        EVENTS_WRITE = "events:write", "events:write (send usage)"
        BILLING_WRITE = "billing:write", "billing:write (import billing files)"
        REPORTS_READ = "reports:read", "reports:read (read reports)"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="keys")
    name = models.CharField(
        max_length=100,
        blank=True,
        help_text="Where the key is used; rules and reports know it by this. Fixed.",
    )
    prefix = models.CharField(max_length=8, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope))
    rate_per_minute = models.PositiveIntegerField(
        null=True, blank=True, help_text="Requests per minute; empty: the setting API_KEY_RATE."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    exposed = models.PositiveIntegerField(
        "times in a query string", default=0, help_text="Query strings end up in logs: rotate it."
    )
    exposed_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_per_minute=None) | Q(rate_per_minute__gt=0),
                name="usage_apikey_rate_above_0",
            )
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="fixed", fields=["source", "name", "prefix", "digest", "scopes"]
            )
        ]

    def __str__(self) -> str:
        """Say which it is beside others: by its name, one without by the day it was made."""
        made = f"{self.created_at:%Y-%m-%d}" if self.created_at else ""
        said = self.name or made
        return f"{self.public} ({said})" if said else self.public

    @property
    def public(self) -> str:
        """Return what may be seen of it."""
        return f"tko_{self.prefix}…"

    def state(self, now: dt.datetime) -> str:
        """Name the state for people."""
        if self.revoked_at:
            return "revoked"
        if self.expires_at is None:
            return "live"
        left = self.expires_at - now
        if left <= dt.timedelta(0):
            return "expired"
        return f"expires in {left.days} days" if left.days else "expires today"


class KeyAllowance(models.Model):
    """Until when a key's allowance is used up; an unlogged table, empty after a crash."""

    key = models.OneToOneField(
        ApiKey, primary_key=True, on_delete=models.CASCADE, related_name="allowance"
    )
    used_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key_id} until {self.used_until:%H:%M:%S.%f}"
