"""Rows read as Arrow are the rows PostgreSQL selects."""

import datetime as dt
import json

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tknops.arrow import TEXT, read_table

FIELDS = pa.schema(
    {
        "id": pa.int64(),
        "day": pa.date32(),
        "label": TEXT,
        "text": pa.string(),
    }
)
TEXT = st.none() | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5
)
ROWS = st.lists(st.tuples(st.none() | st.dates(), TEXT, TEXT), max_size=8)
SELECT = sql.SQL(
    "SELECT n * 500, (row ->> 0)::date, row ->> 1, row ->> 2 "
    "FROM json_array_elements(%s::json) WITH ORDINALITY AS given(row, n)"
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS)
def test_what_is_selected_is_what_is_there(db, rows):
    table = read_table(SELECT, FIELDS, [json.dumps(rows, default=str)])
    assert table.schema == FIELDS
    found = sorted(zip(*table.to_pydict().values(), strict=True))
    assert found == [(500 * n, *row) for n, row in enumerate(rows, 1)]


def test_many_rows_come_in_parts_and_no_rows_as_an_empty_table(db):
    query = sql.SQL("SELECT n, NULL::date, 'a', NULL FROM generate_series(1, %s) n")
    table = read_table(query, FIELDS, [45_678])
    assert sorted(table["id"].to_pylist()) == list(range(1, 45_679))
    assert set(table["label"].to_pylist()) == {"a"}
    assert table["text"].null_count == table["day"].null_count == 45_678
    assert read_table(query, FIELDS, [0]) == FIELDS.empty_table()


@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_the_first_and_last_day_are_days(db, day):
    query = sql.SQL("SELECT 1, %s::date, '', ''")
    assert read_table(query, FIELDS, [day]).to_pylist() == [
        {"id": 1, "day": day, "label": "", "text": ""}
    ]
