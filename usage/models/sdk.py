"""What SDKs say of themselves: which numbers of which process were created, and which arrived."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from psycopg.types.multirange import Multirange

from usage.models.source import Source

MAX_NUMBER = 2**32


class Numbers(models.Field):  # type: ignore[type-arg]
    """Sets of whole numbers, kept as ranges: PostgreSQL's int8multirange, its union exact."""

    description = "Numbers"

    def db_type(self, connection: Any) -> str:
        """Name the type."""
        return "int8multirange"

    def get_prep_value(self, value: Any) -> Any:
        """Write pairs of first and last number, or take the text of a multirange."""
        if value is None or isinstance(value, str | Multirange):
            return value
        return written(value)


def written(ranges: Any) -> str:
    """Write pairs of first and last number as PostgreSQL reads them."""
    return "{" + ",".join(f"[{first},{last}]" for first, last in ranges) + "}"


def no_numbers() -> str:
    """Return the empty set."""
    return "{}"


class SdkProcess(models.Model):
    """A process that an SDK of a source runs in; natural key (source, process).

    Every field only ever grows, by union or by the greater value: requests may come twice and in
    any order. The process is the part of its events' ids that names it, their last 32 bits number
    them (from 0).
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="sdk_processes")
    process = models.CharField(max_length=14)
    version = models.CharField(max_length=41, blank=True, help_text="As in python/0.1.0.")
    created = models.BigIntegerField(
        default=0, help_text="Events numbered so far, as far as was heard."
    )
    arrived = Numbers(default=no_numbers, help_text="Numbers stored or rejected here.")
    dropped = models.JSONField(default=dict, help_text="Events the SDK dropped itself, by reason.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was heard that nothing more of it waits."
    )
    is_scattered = models.BooleanField(
        default=False, help_text="Its numbers lie in too many pieces to be followed further."
    )

    class Meta:
        verbose_name = "SDK process"
        verbose_name_plural = "SDK processes"
        constraints = [
            models.UniqueConstraint(fields=["source", "process"], name="usage_sdkprocess_once"),
            models.CheckConstraint(
                condition=Q(process__regex=r"^7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{4}$"),
                name="usage_sdkprocess_of_a_uuid7",
            ),
            models.CheckConstraint(
                condition=Q(created__gte=0, created__lte=MAX_NUMBER),
                name="usage_sdkprocess_created_bounded",
            ),
            models.CheckConstraint(
                condition=Q(first_seen_at__lte=F("last_seen_at")),
                name="usage_sdkprocess_seen_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.process
