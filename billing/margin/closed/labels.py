"""What a frozen row reads in a dimension: its column, or, for one invented later, its ids."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from billing.margin import meaning
from billing.margin.attributes import spans_of, table_of
from billing.margin.closed.columns import ALLOCATED, OTHERWISE, REVENUE, USAGE
from billing.margin.growing import from_rows
from billing.margin.memory import Memory
from billing.margin.query import Question, shown
from billing.measures import (
    CHARGE_CLASS,
    GROUP,
    NONE,
    NOT_SPLIT,
    TAG,
    UNATTRIBUTED,
    dimension,
    owner_of,
)
from customers.models import EndUser
from tknops.calendar import GRAINS
from usage.revisions import Revisions

# People are never written into a file: erasing one must reach closed months too.
PERSONAL = ("end_user", "user_reference")
_people = Memory()


class Labels:
    """The SQL of a question's labels over `c`, rows of one record of these files.

    `joins` hold what must be joined, `tables` what must be registered for that.
    """

    def __init__(
        self,
        question: Question,
        record: str,
        files: Sequence[str],
        revisions: Revisions,
        *,
        day: str = "day",
    ) -> None:
        """Take the column that grains are of: the day of a row, or of its usage."""
        self._question, self._record, self._revisions, self._day = question, record, revisions, day
        columns = [_columns(path) for path in files]
        self._there = frozenset().union(*columns)
        self._everywhere = frozenset(columns[0]).intersection(*columns[1:])
        self.joins: list[str] = []
        self.tables: dict[str, Callable[[], pa.Table]] = {}
        self._sent: list[str] = []
        self._found = {name: self._label(name) for name in question.dimensions}
        if self._sent:
            wanted = tuple(self._sent)
            self.tables["contexts"] = lambda: meaning.contexts(wanted, revisions)
            self.joins.insert(0, "LEFT JOIN contexts x ON x.context_id = c.context_id")

    def __getitem__(self, name: str) -> str:
        """Return the expression of a dimension's label."""
        return self._found[name]

    @property
    def rests_on(self) -> tuple[object, ...]:
        """Name what is joined besides the files."""
        return self._revisions.all if self.tables else ()

    def register(self, duck: Any) -> None:
        """Hand over what is joined."""
        for name, table in self.tables.items():
            duck.register(name, table())

    def _label(self, name: str) -> str:
        grain = name.removeprefix("utc_")
        if grain in GRAINS:
            column = "c.utc_day" if grain != name else f"c.{self._day}"
            return shown(name, column if grain == "day" else f"date_trunc('{grain}', {column})")
        if name in {CHARGE_CLASS, "context"}:
            return f"c.{name}" if name == CHARGE_CLASS else "c.context_id::VARCHAR"
        if not self._known(name):
            return f"'{NOT_SPLIT}'"
        if name in self._question.attributes:
            return self._attribute(name)
        if self._record == USAGE and self._is_sent(name):
            return self._as_sent(name)
        return self._column(name, f"'{NONE}'")

    def _known(self, name: str) -> bool:
        if self._record == REVENUE:
            return dimension(name).has_revenue
        return self._record != ALLOCATED or dimension(name).has_allocation

    def _is_sent(self, name: str) -> bool:
        later = name.startswith(TAG) and name not in self._everywhere
        return name in PERSONAL or later

    def _as_sent(self, name: str) -> str:
        if name != "end_user":
            self._sent.append(name)
            return self._column(name, f'x."{_quoted(name)}"')
        self._sent.append("sent_end_user")
        self.tables["people"] = lambda: _read_people(self._revisions)
        self.joins.append("LEFT JOIN people pe ON pe.id = c.end_user_id")
        return f"coalesce(pe.external_id, x.sent_end_user, '{NONE}')"

    def _attribute(self, name: str) -> str:
        """Read it as it was frozen; on another day, or if it is new, by the ids of its owner."""
        on = self._question.attributes_on
        if on is None and name in self._everywhere:
            return self._column(name, f"'{NONE}'")
        table = f"attribute_{len(self.tables)}"
        self.tables[table] = lambda: table_of(spans_of(name, on, self._revisions))
        self.joins.append(
            f"LEFT JOIN {table} ON {table}.owner_id = c.{owner_of(name) or 'customer'}_id "
            f'AND c.usage_day >= {table}.start AND c.usage_day < {table}."end"'
        )
        joined = f"coalesce({table}.value, '{UNATTRIBUTED if name == GROUP else NONE}')"
        if self._record == ALLOCATED:
            other = f'c."{GROUP if name == GROUP else OTHERWISE}"'
            joined = f"CASE WHEN c.customer_id IS NULL THEN {other} ELSE {joined} END"
        return joined if on is not None else self._column(name, joined)

    def _column(self, name: str, otherwise: str) -> str:
        """Read the column, and where a file has none, that."""
        if name in self._everywhere:
            return f'c."{_quoted(name)}"'
        return f'coalesce(c."{_quoted(name)}", {otherwise})' if name in self._there else otherwise


def forget() -> None:
    """Drop what this process remembers."""
    _people.clear()


def _quoted(name: str) -> str:
    return name.replace('"', '""')


@lru_cache(maxsize=1024)
def _columns(path: str) -> frozenset[str]:
    return frozenset(pq.read_schema(path).names)


def _read_people(revisions: Revisions) -> pa.Table:
    def read() -> pa.Table:
        rows = list(EndUser.objects.values_list("pk", "external_id"))
        return from_rows(rows, [("id", pa.int64()), ("external_id", pa.string())])

    key = revisions.of(EndUser._meta.db_table)
    return _people.get(key, read)
