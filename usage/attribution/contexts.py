"""Contexts as an Arrow table: what a condition looks at, and what their references mean."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pyarrow as pa
from psycopg import sql

from customers.models import EndUser, EndUserAlias
from tknops.arrow import TEXT, read_table
from usage.privacy import stored_user

_COLUMNS = {
    "source": "o.name",
    "api_key": "c.api_key",
    "customer_reference": "c.customer_reference",
    "user_reference": "r.reference",
    "feature_reference": "c.feature_reference",
    "team_reference": "c.team_reference",
    "environment": "c.environment",
    "operation": "c.operation",
    "provider": "s.provider_code",
    "model": "s.model",
}
_TAG = "tag."
# An external id wins over an alias; a pin over both, as long as the name has the id it had then.
_RAW = """
    SELECT external_id AS name, id FROM {table}
    UNION ALL
    SELECT a.alias, a.{field} FROM {aliases} a
    WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.external_id = a.alias)
    {more}
"""
_MORE = """
    UNION ALL SELECT * FROM json_to_recordset(%(digests)s::json) AS d(name text, id bigint)
"""
RAW_NAMES = {
    kind: _RAW.format(table=table, aliases=f"{table}alias", field=f"{kind}_id", more=more)
    for kind, table, more in (
        ("customer", "customers_customer", ""),
        ("end_user", "customers_enduser", _MORE),
        ("feature", "usage_feature", ""),
        ("team", "customers_team", ""),
    )
}
_NAMES = """
    SELECT n.name, coalesce(p.means, CASE WHEN p.name IS NULL THEN n.id END) AS id
    FROM ({raw}) n LEFT JOIN pins p ON p.kind = '{kind}' AND p.name = n.name AND p.had = n.id
"""
_PINS = """
    SELECT one ->> 0 AS kind, one ->> 1 AS name, (one ->> 2)::bigint AS had,
           (one ->> 3)::bigint AS means
    FROM json_array_elements(%(pins)s::json) AS one
"""
# Raw SQL: names resolve by a union of three tables. Uses index: usage_context_pkey for a list of
# contexts, else sequential scans.
_QUERY = """
    WITH pins AS ({pins}), {names}
    SELECT c.id, n1.id, n2.id, n3.id, n4.id {columns}
    FROM usage_context c
    JOIN usage_sku s ON s.id = c.sku_id
    JOIN usage_source o ON o.id = c.source_id
    LEFT JOIN usage_enduserreference r ON r.id = c.user_reference_id
    LEFT JOIN name_customer n1 ON n1.name = c.customer_reference
    LEFT JOIN name_end_user n2 ON n2.name = r.reference
    LEFT JOIN name_feature n3 ON n3.name = c.feature_reference
    LEFT JOIN name_team n4 ON n4.name = c.team_reference
    WHERE {where}
"""
_IDS = {
    "context_id": pa.int32(), "customer": pa.int64(), "end_user": pa.int64(),
    "feature": pa.int64(), "team": pa.int64(),
}  # fmt: skip


def read_contexts(
    *, fields: Iterable[str], pins: Sequence[Any], contexts: Collection[int] | None
) -> pa.Table:
    """Return these contexts (None: all): ids their references mean, and fields; '' is null."""
    wanted = sorted(set(fields))
    names = ", ".join(
        f"name_{kind} AS ({_NAMES.format(raw=raw, kind=kind)})" for kind, raw in RAW_NAMES.items()
    )
    query = sql.SQL(_QUERY).format(
        pins=sql.SQL(_PINS),
        names=sql.SQL(names),
        columns=sql.SQL("").join(
            sql.SQL(", nullif({}, '')").format(_expression(name)) for name in wanted
        ),
        where=sql.SQL("TRUE" if contexts is None else "c.id = ANY(%(contexts)s)"),
    )
    parameters = {
        "pins": json.dumps(list(pins)),
        "digests": json.dumps(stored_otherwise()),
        "contexts": list(contexts or ()),
    }
    return read_table(query, pa.schema({**_IDS, **dict.fromkeys(wanted, TEXT)}), parameters)


def _expression(name: str) -> sql.Composable:
    if name.startswith(_TAG):
        key = name.removeprefix(_TAG).replace("%", "%%")
        return sql.SQL("c.tags ->> {}").format(sql.Literal(key))
    return sql.SQL(_COLUMNS[name])


def stored_otherwise() -> list[dict[str, Any]]:
    """Find the end users that ingestion stores under a digest."""
    aliases = dict(EndUserAlias.objects.values_list("alias", "end_user_id"))
    known = {**aliases, **dict(EndUser.objects.values_list("external_id", "pk"))}
    return [
        {"name": stored, "id": pk}
        for name, pk in known.items()
        if (stored := stored_user(name)) != name
    ]
