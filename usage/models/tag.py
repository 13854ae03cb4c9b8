"""Tag keys and values admitted to contexts; what goes beyond the limits stands per event."""

from django.db import models

from usage.models.source import Source


class TagKey(models.Model):
    """A tag key in use with the number of its distinct values."""

    key = models.CharField(max_length=64, primary_key=True)
    distinct_values = models.IntegerField(default=0)
    limited_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key


class TagValue(models.Model):
    """A value a tag key may have in a context."""

    key = models.ForeignKey(TagKey, on_delete=models.PROTECT, db_index=False)
    value = models.CharField(max_length=256)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "value"], name="usage_tagvalue_unique")
        ]

    def __str__(self) -> str:
        return f"{self.key_id}={self.value}"


class EventTag(models.Model):
    """A tag of one event that its context could not hold."""

    event_key = models.UUIDField()
    source = models.ForeignKey(
        Source, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False
    )
    key = models.CharField(max_length=64)
    value = models.CharField(max_length=256)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event_key", "source", "key"], name="usage_eventtag_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"
