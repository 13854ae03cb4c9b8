"""Rows of PostgreSQL as Arrow: whatever a text holds, and nothing where nothing is."""

import datetime as dt

import pyarrow as pa
import pytest
from psycopg import sql

from tknops.columnar import TEXT, read_columns

FIELDS = [("id", pa.int64()), ("day", pa.date32()), ("text", TEXT)]
TEXTS = ("", None, "a\nb", 'say "so"', "a,b", "\\N", "\\.", "NULL", "ünïcode", " x ", "007", "%s")
QUERY = "SELECT * FROM (VALUES {}) AS v(id, day, text) WHERE id > %s"


@pytest.mark.django_db
def test_texts_come_as_they_are_and_null_is_not_empty():
    rows = [(n, None if n % 2 else dt.date(1, 1, 1), text) for n, text in enumerate(TEXTS)]
    values = ", ".join(["(%s::bigint, %s::date, %s::text)"] * len(rows))
    parameters = [cell for row in rows for cell in row]
    query = sql.SQL(QUERY.format(values))
    found = read_columns(query, [*parameters, -1], FIELDS)
    assert list(zip(*(column.to_pylist() for column in found.columns), strict=True)) == rows
    nothing = read_columns(query, [*parameters, 99], FIELDS)
    assert (nothing.num_rows, nothing.schema) == (0, found.schema)
