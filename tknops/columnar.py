"""Rows of PostgreSQL as columns of Arrow."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc_csv
from django.db import connection
from psycopg import sql

Fields = Sequence[tuple[str, pa.DataType]]
TEXT = pa.dictionary(pa.int32(), pa.string())


def read_columns(
    query: sql.Composable, parameters: Sequence[Any] | Mapping[str, Any], fields: Fields
) -> pa.Table:
    """Read what a query selects, in the order of the fields; NULL is null, '' is a text.

    Raw SQL: COPY, whose text Arrow reads ten times faster than rows are fetched.
    """
    copy = sql.SQL("COPY ({}) TO STDOUT (FORMAT CSV)").format(query)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.cursor.copy(copy, parameters) as stream,
    ):
        content = b"".join(stream)
    schema = pa.schema(fields)
    if not content:
        return schema.empty_table()
    table = pc_csv.read_csv(
        io.BytesIO(content),
        read_options=pc_csv.ReadOptions(column_names=schema.names),
        parse_options=pc_csv.ParseOptions(newlines_in_values=True),
        convert_options=pc_csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return table.unify_dictionaries().combine_chunks()
