"""Contexts, attributions and plans as Arrow tables for DuckDB."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from billing.margin.growing import Growing, from_rows
from billing.margin.memory import Memory
from billing.measures import NONE, TAG
from billing.revenue import PlanInterval, TermInterval, plan_intervals, term_intervals
from tknops.arrow import TEXT, read_table
from tknops.calendar import Period, month_start, next_month
from tknops.money import allocate
from usage.attribution import EFFECTS
from usage.revisions import Key, Revisions

# Shares of a customer's cost over plans are integers of this whole.
WHOLE = 10**9

_SENT = {
    "provider": "s.provider_code",
    "model": "s.model",
    "service_tier": "s.service_tier",
    "region": "s.region",
    "environment": "c.environment",
    "source": "o.name",
    "api_key": "c.api_key",
    "operation": "c.operation",
    "outcome": "c.outcome",
    "unit": "c.unit",
    "customer_reference": "c.customer_reference",
    "feature_reference": "c.feature_reference",
    "team_reference": "c.team_reference",
    "user_reference": "r.reference",
    "sent_end_user": "r.reference",
}


_CONTEXTS = ("usage_context", "usage_sku", "usage_source", "usage_enduserreference")
_ALIASES = "usage_tagalias"
_NAMES = ("customers_customer", "customers_enduser", "customers_team", "usage_feature")
_BILLED = (
    "billing_billingcustomer", "billing_exchangerate", "billing_invoice", "billing_invoiceline",
    "billing_plan", "billing_subscription",
)  # fmt: skip
_shares = Memory()
_terms = Memory()


def contexts(dimensions: Iterable[str], revisions: Revisions) -> pa.Table:
    """One row per context: its SKU and, as sent, the dimensions asked for ('(none)' if blank)."""
    wanted = tuple(
        sorted(name for name in set(dimensions) if name in _SENT or name.startswith(TAG))
    )
    # A new alias changes how contexts that were there read.
    aliases = revisions.of(_ALIASES) if any(name.startswith(TAG) for name in wanted) else ()
    return _sent(wanted).current(
        edits=(revisions.edits(*_CONTEXTS), aliases),
        state=(revisions.of(*_CONTEXTS), aliases),
    )


@lru_cache(maxsize=16)
def _sent(wanted: tuple[str, ...]) -> Growing:
    """Hold the contexts with these dimensions.

    Raw SQL: a join whose column list depends on the question. Uses index: usage_context_pkey.
    """
    columns = [
        sql.SQL("coalesce(nullif({}, ''), {})").format(_expression(name, at), sql.Literal(NONE))
        for at, name in enumerate(wanted)
    ]
    aliases = [_alias(name, at) for at, name in enumerate(wanted) if name.startswith(TAG)]
    query = sql.SQL(
        """
        SELECT {columns}
        FROM usage_context c JOIN usage_sku s ON s.id = c.sku_id
        JOIN usage_source o ON o.id = c.source_id
        LEFT JOIN usage_enduserreference r ON r.id = c.user_reference_id
        {aliases}
        WHERE c.id > %s
        """
    ).format(
        columns=sql.SQL(", ").join([sql.SQL("c.id, c.sku_id, c.unit"), *columns]),
        aliases=sql.SQL(" ").join(aliases),
    )
    fields = [("context_id", pa.int32()), ("sku_id", pa.int64()), ("sent_unit", TEXT)]
    return Growing(
        query=query,
        count="SELECT count(*) FROM usage_context",
        fields=[*fields, *((name, TEXT) for name in wanted)],
    )


def _expression(name: str, at: int) -> sql.Composable:
    if name.startswith(TAG):
        return sql.SQL("coalesce({}.canonical, c.tags ->> {})").format(*_tag(name, at))
    return sql.SQL(_SENT[name])


def _alias(name: str, at: int) -> sql.Composable:
    """Read a value as what it is an alias of. Uses index: usage_tagalias_unique."""
    table, key = _tag(name, at)
    return sql.SQL(
        "LEFT JOIN usage_tagalias {0} ON {0}.key = {1} AND {0}.value = c.tags ->> {1}"
    ).format(table, key)


def _tag(name: str, at: int) -> tuple[sql.Identifier, sql.Literal]:
    key = name.removeprefix(TAG).replace("%", "%%")
    return sql.Identifier(f"alias_{at}"), sql.Literal(key)


def attributions(revisions: Revisions, as_of_run: int | None = None) -> pa.Table:
    """Attributions with their dates: who and what for, as external ids.

    Those in force, or those that were when a derivation had ended.
    """
    if as_of_run is not None:
        key = (as_of_run, revisions.of("usage_attribution", *_NAMES))
        return _past.get(key, lambda: _as_of(as_of_run))
    return _attributed().current(
        edits=(revisions.edits("usage_attribution"), revisions.of(*_NAMES)),
        state=revisions.of("usage_attribution", *_NAMES),
    )


_LABELS = ("customer", "feature", "team", "end_user", "cost_class")
_ATTRIBUTIONS = [
    ("id", pa.int64()),
    ("context_id", pa.int32()),
    ("valid_from", pa.date32()),
    ("valid_to", pa.date32()),
    ("customer_id", pa.int64()),
    *((name, TEXT) for name in _LABELS),
    *((f"{owner}_id", pa.int64()) for owner in ("feature", "team", "end_user")),
]
_ROWS = """
    SELECT a.id, a.context_id, coalesce(a.valid_from, '0001-01-01'),
           coalesce(a.valid_to, '9999-12-31'), a.customer_id, cu.external_id,
           f.external_id, t.external_id, u.external_id, a.cost_class,
           a.feature_id, a.team_id, a.end_user_id
    FROM usage_attribution a
    LEFT JOIN customers_customer cu ON cu.id = a.customer_id
    LEFT JOIN usage_feature f ON f.id = a.feature_id
    LEFT JOIN customers_team t ON t.id = a.team_id
    LEFT JOIN customers_enduser u ON u.id = a.end_user_id
"""
_past = Memory()
_DECIDERS = [
    ("id", pa.int64()),
    *((f"{name}_rule", pa.int32()) for name in EFFECTS),
    ("run_id", pa.int32()),
]


def deciders(revisions: Revisions) -> pa.Table:
    """Return the rules and the run behind each attribution in force, by its id."""
    changed = "usage_attribution"
    return _decided().current(edits=revisions.edits(changed), state=revisions.of(changed))


@cache
def _decided() -> Growing:
    """Hold them apart: only who asks why needs them. Uses the same indexes as `_attributed`."""
    columns = ", ".join(name for name, _ in _DECIDERS)
    return Growing(
        query=sql.SQL(
            f"SELECT {columns} FROM usage_attribution "  # noqa: S608 - declared names
            "WHERE superseded_by_id IS NULL AND id > %s"
        ),
        count="SELECT count(*) FROM usage_attribution WHERE superseded_by_id IS NULL",
        fields=_DECIDERS,
    )


@cache
def _attributed() -> Growing:
    """Hold the attributions in force. Uses index: usage_attribution_in_force, for new ones pkey."""
    query = sql.SQL(_ROWS + "WHERE a.superseded_by_id IS NULL AND a.id > %s")
    return Growing(
        query=query,
        count="SELECT count(*) FROM usage_attribution WHERE superseded_by_id IS NULL",
        fields=_ATTRIBUTIONS,
    )


def _as_of(run: int) -> pa.Table:
    """Read the attributions a run left. Raw SQL: the same join; runs are numbered in order."""
    until = "WHERE a.run_id <= %s AND (a.superseded_by_id IS NULL OR a.superseded_by_id > %s)"
    return read_table(sql.SQL(_ROWS + until), pa.schema(_ATTRIBUTIONS), [run, run])


def state(revisions: Revisions) -> Key:
    """Name the state of contexts and attributions together."""
    return revisions.of(*_CONTEXTS, _ALIASES, *_NAMES, "usage_attribution")


def has_shares(period: Period, revisions: Revisions) -> bool:
    """Whether some customer may have several plans at once."""
    table = plans_around(period, revisions)
    widths = pc.subtract(table["to_share"], table["from_share"])
    return bool(pc.any(pc.not_equal(widths, WHOLE)).as_py())


def forget() -> None:
    """Drop what this process holds (the database was replaced)."""
    _sent.cache_clear()
    _attributed.cache_clear()
    _decided.cache_clear()
    _past.clear()
    _shares.clear()
    _terms.clear()


def plans(period: Period, revisions: Revisions) -> pa.Table:
    """Return the shares of each customer's plans; remembered until billing changes."""
    key = (period, billed(revisions))
    return _shares.get(key, lambda: plan_shares(plan_intervals(period)))


def plans_around(period: Period, revisions: Revisions) -> pa.Table:
    """Return the shares of the whole months a period lies in: any days of them share one answer.

    On any day they are what `plans` of that day says.
    """
    return plans(months_around(period), revisions)


def months_around(period: Period) -> Period:
    """Return the whole months a period lies in, as far as the calendar goes."""
    if period.end.year == dt.MAXYEAR:
        return period
    return Period(month_start(period.start), next_month(period.end - dt.timedelta(days=1)))


def billed(revisions: Revisions) -> Key:
    """Name the state of what plans are read from."""
    return revisions.of(*_BILLED)


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
    return from_rows(
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


def terms(period: Period, revisions: Revisions) -> pa.Table:
    """Return on which terms each customer is; remembered until billing changes."""
    key = (period, billed(revisions))
    return _terms.get(key, lambda: terms_table(term_intervals(period)))


def terms_table(intervals: Sequence[TermInterval]) -> pa.Table:
    """Hand over on which terms customers are."""
    return from_rows(
        [(one.customer_id, one.start, one.end, one.terms) for one in intervals],
        [
            ("customer_id", pa.int64()),
            ("start", pa.date32()),
            ("end", pa.date32()),
            ("terms", pa.string()),
        ],
    )
