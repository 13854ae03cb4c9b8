"""Tell whether tables changed: a key for whatever was made from them."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection

from usage.models import Revision

KEPT = 500
Key = tuple[object, ...]


class Revisions:
    """The changes of all tables as of one snapshot; read it before the data it stands for."""

    def __init__(self, found: Mapping[tuple[str, str], Key]) -> None:
        """Take a name of the changes per (table, operation)."""
        self._found = found

    @classmethod
    def read(cls) -> "Revisions":
        """Read them in the caller's transaction."""
        rows = Revision.objects.values_list("table_name", "operation")
        return cls({
            (table, operation): (_digest(ids),)
            for table, operation, ids in rows.annotate(ids=ArrayAgg("id", order_by="id"))
        })  # fmt: skip

    @property
    def all(self) -> Key:
        """Name the state of all tables."""
        return tuple(sorted(self._found.items()))

    def without(self, *tables: str) -> Key:
        """Name the state of all tables but these."""
        return tuple(item for item in sorted(self._found.items()) if item[0][0] not in tables)

    def of(self, *tables: str) -> Key:
        """Name the state of these tables: equal keys, equal rows."""
        return tuple(item for item in sorted(self._found.items()) if item[0][0] in tables)

    def without_inserts(self, *tables: str) -> Key:
        """Name the state of all tables, but of these only of the rows that were there."""
        added = {(table, "INSERT") for table in tables}
        return tuple(item for item in sorted(self._found.items()) if item[0] not in added)

    def edits(self, *tables: str) -> Key:
        """Name the state of the rows that were there: INSERTs left out."""
        return tuple(item for item in self.of(*tables) if item[0][1] != "INSERT")  # type: ignore[index]


def _digest(ids: Sequence[UUID]) -> str:
    """Name a set of changes in few characters: keys hold it many times over."""
    return hashlib.sha256(b"".join(one.bytes for one in ids)).hexdigest()


def prune() -> None:
    """Replace many changes by one new change per table and operation.

    Raw SQL: delete and insert in one statement. New ids, since an old set must never come back.
    """
    if Revision.objects.count() <= KEPT:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (DELETE FROM usage_revision RETURNING table_name, operation)
            INSERT INTO usage_revision (table_name, operation)
            SELECT DISTINCT table_name, operation FROM gone
            """
        )
