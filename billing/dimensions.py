"""The dimensions of this installation: those declared, its attributes, its tags and their names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from billing.measures import DIMENSIONS, MEASURES, OWNERS, TAG, Dimension, dimension
from customers.models import CustomerAttribute, EndUserAttribute, TeamAttribute
from usage.models import FeatureAttribute, TagAlias, TagDimension, TagKey, TagValue

# What a parameter of the report API may be called besides; no tag takes such a name.
_PARAMETERS = frozenset(
    ("by", "start", "end", "format", "attributes", "attributes_as", "basis", "page", "month")
)
_OWN = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ATTRIBUTES = (CustomerAttribute, EndUserAttribute, TeamAttribute, FeatureAttribute)


def reserved() -> frozenset[str]:
    """Name what no tag may be called of its own."""
    return frozenset((*DIMENSIONS, *OWNERS, *_PARAMETERS, *(m.name for m in MEASURES)))


def canonical(names: Iterable[str]) -> dict[str, str]:
    """Map each name to the one the margin knows: a tag's own name to tag.<key>."""
    found = {name: name for name in names}
    if own := [name for name in found if name not in DIMENSIONS and _OWN.fullmatch(name)]:
        rows = TagDimension.objects.filter(name__in=own).exclude(name="")
        found |= {name: TAG + key for name, key in rows.values_list("name", "key")}
    return found


def known(name: str) -> Dimension:
    """Look a dimension up under any of its names, with the label people gave it.

    Raises UnknownDimensionError.
    """
    found = dimension(canonical([name])[name])
    if not found.name.startswith(TAG):
        return found
    key = found.name.removeprefix(TAG)
    label = TagDimension.objects.filter(key=key).values_list("label", flat=True).first()
    return replace(found, label=label or found.label)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag promoted to a dimension: `key` is tag.<key>, `name` what the API calls it."""

    key: str
    name: str
    label: str
    description: str


def named_tags() -> list[Tag]:
    """List the tags promoted to dimensions and not ignored, by label."""
    rows = TagDimension.objects.filter(is_ignored=False).exclude(label="").order_by("label", "key")
    return [
        Tag(TAG + row.key, row.name or TAG + row.key, row.label, row.description) for row in rows
    ]


def tag_values(tag: Tag, *, limit: int) -> list[str]:
    """Return up to so many values of a tag, aliases read as what they stand for."""
    key = tag.key.removeprefix(TAG)
    aliases = dict(TagAlias.objects.filter(key=key).values_list("value", "canonical"))
    rows = TagValue.objects.filter(key=key).exclude(value__in=aliases).order_by("value")
    found = {*rows.values_list("value", flat=True)[:limit], *aliases.values()}
    return sorted(found)[:limit]


def other_tags() -> list[Dimension]:
    """List the other tag keys in use, but those ignored."""
    settled = TagDimension.objects.exclude(label="", is_ignored=False).values("key")
    keys = TagKey.objects.exclude(key__in=settled).order_by("key").values_list("key", flat=True)
    return [dimension(TAG + key) for key in keys]


def attributes() -> list[Dimension]:
    """List the dated attributes in use: of customers first, then of what revenue does not know."""
    return [
        dimension(f"{model.OWNER}.{name}")
        for model in _ATTRIBUTES
        for name in model._default_manager.order_by("name")
        .values_list("name", flat=True)
        .distinct()
    ]


def offered() -> list[Dimension]:
    """List every dimension a person can choose: what was ignored is left out."""
    named = [Dimension(tag.name, tag.label) for tag in named_tags()]
    return [*DIMENSIONS.values(), *attributes(), *named, *other_tags()]
