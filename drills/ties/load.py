"""Rows into the scratch database, a chunk at a time, and out of it again."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction
from psycopg import sql

from billing.margin import forget

_tables: dict[str, sql.Identifier] = {}


def load(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows of these columns; the others have the model's defaults."""
    rest = {
        field.attname: field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if field.attname not in names and not field.null and not field.generated
    }
    columns = sql.SQL(", ").join(map(sql.Identifier, (*names, *rest)))
    table = _tables.setdefault(model._meta.db_table, sql.Identifier(model._meta.db_table))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)
    constant = tuple(rest.values())
    with connection.cursor() as cursor, cursor.cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((*row, *constant))


def analyze() -> None:
    """Tell the planner what was written, as a database that runs for a while knows it."""
    _each("ANALYZE")


@contextmanager
def chunk() -> Iterator[None]:
    """Open a transaction that is never kept; the product forgets what it remembers of it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    forget()
    # What was rolled back is still there to be skipped.
    _each("VACUUM")


def _each(command: str) -> None:
    statement = sql.SQL(command + " {}").format(sql.SQL(", ").join(_tables.values()))
    with connection.cursor() as cursor:
        cursor.cursor.execute(statement)
