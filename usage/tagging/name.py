"""Promote a tag key to a named dimension, take the name back, or stop offering the key."""

from collections.abc import Collection

from django.core.exceptions import ValidationError

from usage.models import TagDimension
from usage.models.tag import OWN_NAME


class TagNameError(ValueError):
    """A name a tag key cannot have; says why."""


def name_key(
    *, key: str, label: str, description: str = "", name: str = "", reserved: Collection[str] = ()
) -> TagDimension:
    """Give a key a label, and an own name in the API beside tag.<key>; a blank label takes both.

    Nothing is computed: it holds for all usage there is. Raises TagNameError.
    """
    if name:
        _check(name, key, reserved)
    if name and not label:
        message = f"{name!r} needs a label: it is what forms and headings show"
        raise TagNameError(message)
    fields = {"label": label, "description": description, "name": name}
    return TagDimension.objects.update_or_create(key=key, defaults=fields)[0]


def ignore_key(*, key: str) -> None:
    """Offer a key no more; its names and all facts stay."""
    TagDimension.objects.update_or_create(key=key, defaults={"is_ignored": True})


def offer_key(*, key: str) -> None:
    """Offer an ignored key again, under the names it had."""
    TagDimension.objects.filter(key=key).update(is_ignored=False)


def _check(name: str, key: str, reserved: Collection[str]) -> None:
    try:
        OWN_NAME(name)
    except ValidationError as error:
        message = f"{name!r} is not {OWN_NAME.message}"
        raise TagNameError(message) from error
    if name in reserved:
        message = f"{name!r} is a dimension, measure or parameter already"
        raise TagNameError(message)
    other = TagDimension.objects.filter(name=name).exclude(key=key).first()
    if other:
        message = f"{name!r} is the name of the tag {other.key!r} already"
        raise TagNameError(message)
