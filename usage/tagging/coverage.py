"""How tag keys are used: contexts that carry them, their values against the limits, since when."""

import datetime as dt
from dataclasses import dataclass

import pyarrow as pa
from django.db import connection

from usage import cube
from usage.ingest.tags import MAX_KEYS, MAX_VALUES, OTHER
from usage.models import Context, EventTag, TagKey


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A tag key: its distinct values of those possible, contexts with it, days it was used."""

    key: str
    values: int
    limit: int
    limited_at: dt.datetime | None
    contexts: int
    all_contexts: int
    first_day: dt.date | None
    last_day: dt.date | None


@dataclass(frozen=True, slots=True)
class Overflow:
    """Keys in use of those possible, and what the contexts could not hold."""

    keys: int
    max_keys: int
    contexts_without_key: int
    tags_beside: int


def key_use() -> list[KeyUse]:
    """List the tag keys, most used first."""
    carried = _carried()
    days = _days(carried)
    of = Context.objects.count()
    found = [
        KeyUse(
            row.key, row.distinct_values, MAX_VALUES, row.limited_at,
            len(carried.get(row.key, ())), of, *days.get(row.key, (None, None)),
        )
        for row in TagKey.objects.all()
    ]  # fmt: skip
    return sorted(found, key=lambda use: (-use.contexts, use.key))


def overflow() -> Overflow:
    """Count what stands beside its event, since a key or the installation was full."""
    return Overflow(
        TagKey.objects.count(),
        MAX_KEYS,
        Context.objects.filter(tags__has_key=OTHER).count(),
        EventTag.objects.count(),
    )


def _carried() -> dict[str, list[int]]:
    """Return the contexts that carry each key.

    Raw SQL: unnesting keys of JSON. Sequential scan of the contexts.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k, array_agg(c.id) FROM usage_context c, jsonb_object_keys(c.tags) k GROUP BY k"
        )
        return dict(cursor.fetchall())


def _days(carried: dict[str, list[int]]) -> dict[str, tuple[dt.date, dt.date]]:
    """Ask the cube for the first and last day each key was used on."""
    pairs = [(key, context) for key, contexts in carried.items() for context in contexts]
    tagged = pa.table({
        "key": pa.array([key for key, _ in pairs], pa.string()),
        "context_id": pa.array([context for _, context in pairs], pa.int32()),
    })  # fmt: skip
    duck = cube.connect()
    try:
        cube.register_cube(duck, cube.cube_files())
        duck.register("tagged", tagged)
        found = duck.execute(
            "WITH days AS (SELECT context_id, min(day) AS first, max(day) AS last FROM cube "
            "GROUP BY context_id) SELECT key, min(first), max(last) FROM tagged "
            "JOIN days USING (context_id) GROUP BY key"
        ).fetchall()
    finally:
        duck.close()
    return {key: (first, last) for key, first, last in found}
