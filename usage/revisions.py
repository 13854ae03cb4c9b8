"""Tell whether tables changed: a key for whatever was made from them."""

from collections.abc import Mapping
from functools import lru_cache

from django.contrib.postgres.aggregates import StringAgg
from django.db import connection
from django.db.models import CharField, Value
from django.db.models.functions import MD5, Cast

from usage.models import Revision

KEPT = 500
Key = tuple[object, ...]


class Revisions:
    """The changes of all tables as of one snapshot; read it before the data it stands for."""

    def __init__(self, found: Mapping[tuple[str, str], str]) -> None:
        """Take a digest of the ids of changes per (table, operation)."""
        self._found = found

    @classmethod
    def read(cls) -> "Revisions":
        """Read them in the caller's transaction: a digest of each, since there may be hundreds."""
        rows = Revision.objects.values_list("table_name", "operation")
        ids = StringAgg(Cast("id", CharField()), Value(""), order_by="id")
        return cls({
            (table, operation): digest
            for table, operation, digest in rows.annotate(digest=MD5(ids))
        })  # fmt: skip

    @property
    def all(self) -> Key:
        """Name the state of all tables."""
        return _shared(tuple(sorted(self._found.items())))

    def without(self, *tables: str) -> Key:
        """Name the state of all tables but these."""
        rows = sorted(self._found.items())
        return _shared(tuple(one for one in rows if one[0][0] not in tables))

    def of(self, *tables: str) -> Key:
        """Name the state of these tables: equal keys, equal rows."""
        return _shared(tuple(one for one in sorted(self._found.items()) if one[0][0] in tables))

    def without_inserts(self, *tables: str) -> Key:
        """Name the state of all tables, but of these only of the rows that were there."""
        added = {(table, "INSERT") for table in tables}
        return _shared(tuple(one for one in sorted(self._found.items()) if one[0] not in added))

    def edits(self, *tables: str) -> Key:
        """Name the state of the rows that were there: INSERTs left out."""
        rows = (one for one in sorted(self._found.items()) if one[0][0] in tables)
        return _shared(tuple(one for one in rows if one[0][1] != "INSERT"))


@lru_cache(maxsize=512)
def _shared(key: Key) -> Key:
    """Return the first of equal keys: thousands of answers remembered under a state share it."""
    return key


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
