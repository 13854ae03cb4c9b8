"""Read some values of a tag key as another: prod, PROD and production as one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction

from usage.models import TagAlias

_LOCK = 0x746B6E0A
_LONGEST = 256


class TagAliasError(ValueError):
    """Values that cannot be read as the one named; says why."""


@transaction.atomic
def alias_values(
    *, key: str, values: Iterable[str], canonical: str, reason: str = "", user: Any = None
) -> list[TagAlias]:
    """Read these values of a key as `canonical`, in reports of all days; return the new aliases.

    Aliases never chain: what pointed to one of the values points to `canonical` from now on, and a
    canonical that is an alias itself stands for what it is read as. Raises TagAliasError.
    """
    with connection.cursor() as cursor:  # two at once could make a chain
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    mine = TagAlias.objects.filter(key=key)
    canonical = dict(mine.values_list("value", "canonical")).get(canonical, canonical)
    wanted = set(values) - {canonical}
    if not canonical.strip() or len(canonical.encode()) > _LONGEST:
        message = f"name the value the others are read as: 1 to {_LONGEST} bytes"
        raise TagAliasError(message)
    if not wanted:
        message = f"choose at least one value besides {canonical!r}"
        raise TagAliasError(message)
    mine.filter(canonical__in=wanted).exclude(value=canonical).update(canonical=canonical)
    mine.filter(value__in=wanted).update(canonical=canonical)
    there = set(mine.values_list("value", flat=True))
    return TagAlias.objects.bulk_create(
        TagAlias(key=key, value=value, canonical=canonical, reason=reason, created_by=user)
        for value in sorted(wanted - there)
    )


def remove_alias(*, pk: int) -> TagAlias | None:
    """Read a value as itself again; return what was removed, None if it is gone already."""
    found = TagAlias.objects.filter(pk=pk).first()
    if found:
        found.delete()
    return found


def spelt_alike(values: Iterable[str]) -> list[Sequence[str]]:
    """Group values that differ in case, spaces, '-' or '_' only."""
    together: dict[str, list[str]] = defaultdict(list)
    for value in values:
        plain = "".join(c for c in value.casefold() if c not in " -_.")
        together[plain].append(value)
    return [sorted(some) for plain, some in sorted(together.items()) if plain and len(some) > 1]
