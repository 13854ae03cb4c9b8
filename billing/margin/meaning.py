"""Contexts, attributions, plans and customer attributes as Arrow tables for DuckDB."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
from django.db import connection
from psycopg import sql

from billing.measures import ATTRIBUTE, NONE, TAG
from billing.revenue import PlanInterval
from customers.models import CustomerAttribute
from tknops.money import allocate

# Shares of a customer's cost over plans are integers of this whole.
WHOLE = 10**9

_SENT = {
    "provider": "s.provider_code",
    "model": "s.model",
    "service_tier": "s.service_tier",
    "region": "s.region",
    "environment": "c.environment",
    "source": "o.name",
    "operation": "c.operation",
    "outcome": "c.outcome",
    "unit": "c.unit",
    "customer_reference": "c.customer_reference",
    "feature_reference": "c.feature_reference",
    "team_reference": "c.team_reference",
    "sent_end_user": "r.reference",
}


def contexts(dimensions: Iterable[str]) -> pa.Table:
    """One row per context: its SKU and, as sent, the dimensions asked for ('(none)' if blank).

    Raw SQL: a join whose column list depends on the question. Uses index: none, whole table.
    """
    wanted = [name for name in dimensions if name in _SENT or name.startswith(TAG)]
    columns = [
        sql.SQL("coalesce(nullif({}, ''), {})").format(_expression(name), sql.Literal(NONE))
        for name in wanted
    ]
    query = sql.SQL(
        """
        SELECT {columns}
        FROM usage_context c JOIN usage_sku s ON s.id = c.sku_id
        JOIN usage_source o ON o.id = c.source_id
        LEFT JOIN usage_enduserreference r ON r.id = c.user_reference_id
        """
    ).format(columns=sql.SQL(", ").join([sql.SQL("c.id, c.sku_id, c.unit"), *columns]))
    fields = [("context_id", pa.int32()), ("sku_id", pa.int64()), ("sent_unit", pa.string())]
    return _table(query, [*fields, *((name, pa.string()) for name in wanted)])


def _expression(name: str) -> sql.Composable:
    if name.startswith(TAG):
        return sql.SQL("c.tags ->> {}").format(sql.Literal(name.removeprefix(TAG)))
    return sql.SQL(_SENT[name])


def attributions() -> pa.Table:
    """Current attributions with their dates: who and what for, as external ids."""
    query = sql.SQL(
        """
        SELECT a.context_id, coalesce(a.valid_from, '0001-01-01'),
               coalesce(a.valid_to, '9999-12-31'), a.customer_id, cu.external_id,
               f.external_id, t.external_id, u.external_id, a.cost_class
        FROM usage_attribution a
        LEFT JOIN customers_customer cu ON cu.id = a.customer_id
        LEFT JOIN usage_feature f ON f.id = a.feature_id
        LEFT JOIN customers_team t ON t.id = a.team_id
        LEFT JOIN customers_enduser u ON u.id = a.end_user_id
        WHERE a.superseded_by_id IS NULL
        """
    )
    names = ("customer", "feature", "team", "end_user", "cost_class")
    return _table(
        query,
        [
            ("context_id", pa.int32()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
            ("customer_id", pa.int64()),
            *((name, pa.string()) for name in names),
        ],
    )


def plan_shares(intervals: Sequence[PlanInterval]) -> pa.Table:
    """Cumulative shares of WHOLE per customer and interval, so that integer parts sum up."""
    together: dict[tuple[int, dt.date, dt.date], list[PlanInterval]] = defaultdict(list)
    for interval in sorted(intervals, key=lambda i: (i.customer_id, i.start, i.plan)):
        together[interval.customer_id, interval.start, interval.end].append(interval)
    rows = []
    for (customer, start, end), plans in together.items():
        upto = 0
        shares = allocate(WHOLE, [plan.weight for plan in plans])
        for plan, share in zip(plans, shares, strict=True):
            rows.append((customer, start, end, plan.plan, upto, upto + share))
            upto += share
    return _from_rows(
        rows,
        [
            ("customer_id", pa.int64()),
            ("start", pa.date32()),
            ("end", pa.date32()),
            ("plan", pa.string()),
            ("from_share", pa.int64()),
            ("to_share", pa.int64()),
        ],
    )


def customer_attributes(name: str) -> list[tuple[int, dt.date, dt.date, str]]:
    """Values of one dated attribute: (customer id, from, to exclusive, value)."""
    rows = CustomerAttribute.objects.filter(name=name.removeprefix(ATTRIBUTE))
    return [
        (row.customer_id, row.valid_from or dt.date.min, row.valid_to or dt.date.max, row.value)
        for row in rows
    ]


def attribute_table(rows: list[tuple[int, dt.date, dt.date, str]]) -> pa.Table:
    """Hand a dated attribute over as Arrow."""
    return _from_rows(
        rows,
        [
            ("customer_id", pa.int64()),
            ("start", pa.date32()),
            ("end", pa.date32()),
            ("value", pa.string()),
        ],
    )


def _table(query: sql.Composable, fields: list[tuple[str, pa.DataType]]) -> pa.Table:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return _from_rows(cursor.fetchall(), fields)


def _from_rows(rows: Sequence[tuple[Any, ...]], fields: list[tuple[str, pa.DataType]]) -> pa.Table:
    schema = pa.schema(fields)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
    arrays = [
        pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
