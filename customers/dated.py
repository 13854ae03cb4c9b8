"""What is said of a customer, person, team or feature from a day to a day: one base for all."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Deferrable

from tknops.database import ends_after_start, no_overlap

_FROM = "First day it is so; empty = always was."
_TO = "First day it is so no more; empty = still so."
OVERLAP = "These days overlap those of another row for the same: end one before the other begins."


def printable(text: str) -> None:
    """Require a name that can stand in a heading and an address. Raises ValidationError."""
    if not text.isprintable() or text != text.strip():
        message = f"{text!r} is no name: letters, digits, signs and single spaces inside are"
        raise ValidationError(message)


def said_days(start: Any, end: Any) -> str:
    """Write [start, end) in words; dates or their ISO text, None is open."""
    if start is None:
        return f"until before {end}" if end else "always"
    return f"from {start} to before {end}" if end else f"from {start} on"


class Dated(models.Model):
    """Something that is so in [valid_from, valid_to)."""

    valid_from = models.DateField("from", null=True, blank=True, help_text=_FROM)
    valid_to = models.DateField("to (exclusive)", null=True, blank=True, help_text=_TO)

    class Meta:
        abstract = True

    @property
    def days(self) -> str:
        """Write the days in words."""
        return said_days(self.valid_from, self.valid_to)


class DatedAttribute(Dated):
    """A named value of its owner: tier, segment, cost centre or whatever the company reports by.

    A subclass names its owner's field in `OWNER` and takes `attribute_rules` as constraints.
    """

    OWNER = ""

    name = models.CharField(
        "attribute",
        max_length=64,
        validators=[printable],
        help_text="Such as tier, segment, region; reports are asked by it.",
    )
    value = models.CharField(max_length=200, validators=[printable])
    # An integer stand-in for the name, so that the overlap rule needs no extension.
    name_hash = models.GeneratedField(
        expression=models.Func(models.F("name"), models.Value(0), function="hashtextextended"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name} = {self.value}"

    def clean(self) -> None:
        """Refuse a second spelling of a name. Raises ValidationError."""
        spelt = type(self)._default_manager.filter(name__iexact=self.name)
        names = set(spelt.exclude(pk=self.pk).values_list("name", flat=True))
        if names and self.name not in names:
            raise ValidationError({"name": f"it is spelt {min(names)!r} elsewhere"})


def attribute_rules(label: str, owner: str) -> list[Any]:
    """Forbid two values at once, days that end before they start, and blank texts.

    The overlap may be checked at the end of a transaction that says so (SET CONSTRAINTS), since
    a form may move an edge two rows share.
    """
    return [
        ends_after_start(f"{label}_ends_after_start"),
        _none_at_once(f"{label}_no_overlap", owner, "name_hash"),
        models.CheckConstraint(
            condition=models.Q(name__length__gt=0, value__length__gt=0), name=f"{label}_not_blank"
        ),
    ]


def parent_rules(label: str, owner: str) -> list[Any]:
    """Forbid two parents at once and days that end before they start."""
    return [
        ends_after_start(f"{label}_ends_after_start"),
        _none_at_once(f"{label}_no_overlap", owner),
    ]


def _none_at_once(name: str, *columns: str) -> ExclusionConstraint:
    return no_overlap(name, *columns, deferrable=Deferrable.IMMEDIATE, message=OVERLAP)
