"""Tag keys and values admitted to contexts; what goes beyond the limits stands per event."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from tknops.audit import audited
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


OWN_NAME = RegexValidator(
    r"\A[a-z][a-z0-9_]{0,62}\Z", "a name such as squad: lower-case letters, digits and _"
)


@audited()
class TagDimension(models.Model):
    """What people made of a tag key: a named dimension, or one that is offered no more.

    `name` is its own name in the API beside tag.<key>. Ignoring keeps the names, so that it can
    be taken back. Facts are not touched.
    """

    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=63, blank=True, validators=[OWN_NAME])
    label = models.CharField(max_length=60, blank=True)
    description = models.CharField(max_length=300, blank=True)
    is_ignored = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(name="") | Q(name__regex=r"^[a-z][a-z0-9_]*$"),
                name="usage_tagdimension_name_plain",
            ),
            models.UniqueConstraint(
                fields=["name"], condition=~Q(name=""), name="usage_tagdimension_name_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.key


@audited()
class TagAlias(models.Model):
    """A value of a tag key that is read as another: prod as production."""

    key = models.CharField(max_length=64)
    value = models.CharField(max_length=256)
    canonical = models.CharField(max_length=256)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name_plural = "tag aliases"
        constraints = [
            models.UniqueConstraint(fields=["key", "value"], name="usage_tagalias_unique"),
            models.CheckConstraint(
                condition=~Q(value=F("canonical")), name="usage_tagalias_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.value} → {self.canonical}"
