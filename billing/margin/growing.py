"""A table of PostgreSQL held as Arrow in this process: new rows are appended, edits reload it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from psycopg import sql

from tknops.arrow import read_table
from usage.revisions import Key

Fields = Sequence[tuple[str, pa.DataType]]


@dataclass(slots=True)
class Growing:
    """Rows of a query whose first column is an ascending id.

    `query` has one %s, the id above which rows are wanted; `count` counts all of its rows.
    Ids are not committed in their order, so after appending the count must agree, or the whole
    is read again.
    """

    query: sql.Composable
    count: str
    fields: Fields
    _edits: Key | None = None
    _state: Key | None = None
    _table: pa.Table | None = None
    _last: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def current(self, *, edits: Key, state: Key) -> pa.Table:
        """Return the rows; `edits` names the rows that were there, `state` all of them."""
        with self._lock:
            if self._table is None or self._edits != edits:
                self._load()
            elif self._state != state:
                self._append()
                if self._table.num_rows != self._counted():
                    self._load()
            self._edits, self._state = edits, state
            return self._table

    def _load(self) -> None:
        self._last = 0
        self._table = None
        self._append()

    def _append(self) -> None:
        new = read_table(self.query, pa.schema(self.fields), [self._last])
        if new.num_rows:
            self._last = max(self._last, pc.max(new.column(0)).as_py())
        if self._table is None:
            self._table = new
        else:
            both = pa.concat_tables([self._table, new])
            self._table = both.unify_dictionaries().combine_chunks()

    def _counted(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(self.count)
            (found,) = cursor.fetchone() or (0,)
        return int(found)


def from_rows(rows: Sequence[tuple[Any, ...]], fields: Fields) -> pa.Table:
    """Make an Arrow table of rows."""
    schema = pa.schema(fields)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
    arrays = [_array(column, one.type) for column, one in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(column: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(column, type=kind.value_type).dictionary_encode()
    return pa.array(column, type=kind)
