"""Decide what contexts mean: rules in order over what their references mean, per stretch of days.

The first rule that meets a context, sets an effect and may set it (it overrides, or the reference
left it open) decides that effect; else the reference does.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from usage.attribution.conditions import matches
from usage.attribution.rules import EFFECTS, Rule
from usage.models import CostClass

_DECIDED = [column for effect in EFFECTS for column in (effect, f"{effect}_rule")]
SCHEMA = pa.schema(
    [
        ("context_id", pa.int32()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        *((name, pa.int64()) for name in EFFECTS[:-1]),
        ("cost_class", pa.string()),
        *((f"{name}_rule", pa.int32()) for name in EFFECTS),
    ]
)
Columns = dict[str, pa.Array]


@dataclass(frozen=True, slots=True)
class Matched:
    """A rule and, for each context, whether it meets its conditions on any day."""

    rule: Rule
    mask: pa.Array


def match_all(contexts: pa.Table, rules: Sequence[Rule]) -> list[Matched]:
    """Match every rule once; those that meet no context are left out."""
    found = [Matched(rule, matches(rule, contexts)) for rule in rules]
    return [one for one in found if pc.any(one.mask).as_py()]


def decide(contexts: pa.Table, matched: Sequence[Matched]) -> pa.Table:
    """Return what each context means in each of the longest stretches of days with one meaning.

    A stretch in which nothing is known of a context has no row.
    """
    dated = _falses(contexts)
    for one in matched:
        if one.rule.dated:
            dated = pc.or_(dated, one.mask)
    lasting = [one for one in matched if not one.rule.dated]
    undated = pc.invert(dated)
    parts = [
        _part(_decided(_rows(contexts, undated), _kept(lasting, undated)), None, None),
        *_stretches(_rows(contexts, dated), _kept(matched, dated)),
    ]
    return pa.concat_tables(parts)


def _falses(contexts: pa.Table) -> pa.Array:
    return pc.is_null(contexts["context_id"]).combine_chunks()


def _rows(contexts: pa.Table, mask: pa.Array) -> pa.Table:
    return contexts.select(["context_id", *EFFECTS[:-1]]).filter(mask)


def _kept(matched: Sequence[Matched], mask: pa.Array) -> list[Matched]:
    return [Matched(one.rule, one.mask.filter(mask)) for one in matched]


def _decided(contexts: pa.Table, rules: Sequence[Matched]) -> Columns:
    """Lay the rules over the references, the last first, so that the first one stays."""
    count = contexts.num_rows
    found: Columns = {
        "context_id": _flat(contexts["context_id"]),
        **{name: _flat(contexts[name]) for name in EFFECTS[:-1]},
        "cost_class": pa.repeat(pa.scalar(str(CostClass.COGS)), count),
        **{f"{name}_rule": pa.nulls(count, pa.int32()) for name in EFFECTS},
    }
    open_to_filling = {name: pc.is_null(found[name]) for name in EFFECTS[:-1]}
    for one in reversed(rules):
        for effect, value in one.rule.sets.items():
            mask = one.mask
            if not one.rule.overrides and effect in open_to_filling:
                mask = pc.and_(mask, open_to_filling[effect])
            kind = found[effect].type
            found[effect] = pc.if_else(mask, pa.scalar(value, kind), found[effect])
            rule = pa.scalar(one.rule.id, pa.int32())
            found[f"{effect}_rule"] = pc.if_else(mask, rule, found[f"{effect}_rule"])
    return found


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _stretches(contexts: pa.Table, matched: Sequence[Matched]) -> list[pa.Table]:
    """Cut at every day a rule begins or ends, then join neighbours that mean the same."""
    if not contexts.num_rows:
        return []
    edges = [None, *_edges(matched)]
    pieces = [
        _decided(contexts, [one for one in matched if one.rule.covers(edge or dt.date.min)])
        for edge in edges
    ]
    ends: Any = pa.nulls(contexts.num_rows, pa.date32())
    parts = []
    for index in range(len(pieces) - 1, -1, -1):
        piece = pieces[index]
        starts = _differs(piece, pieces[index - 1]) if index else pc.is_valid(piece["context_id"])
        rows = {name: column.filter(starts) for name, column in piece.items()}
        parts.append(_part(rows, edges[index], ends.filter(starts)))
        if index:
            ends = pc.if_else(starts, pa.scalar(edges[index], pa.date32()), ends)
    return parts


def _edges(matched: Sequence[Matched]) -> list[dt.date]:
    days = {day for one in matched for day in (one.rule.valid_from, one.rule.valid_to) if day}
    return sorted(days - {dt.date.min})


def _differs(one: Columns, other: Columns) -> pa.Array:
    """Tell where two decisions differ; two unknown ones are the same."""
    found = None
    for name in _DECIDED:
        mine, theirs = one[name], other[name]
        unlike = pc.fill_null(pc.not_equal(mine, theirs), False)
        unlike = pc.or_(unlike, pc.not_equal(pc.is_null(mine), pc.is_null(theirs)))
        found = unlike if found is None else pc.or_(found, unlike)
    return found


def _part(columns: Mapping[str, pa.Array], start: dt.date | None, ends: Any) -> pa.Table:
    """Make rows of a stretch; what means nothing at all has none."""
    count = len(columns["context_id"])
    days = {
        "valid_from": pa.repeat(pa.scalar(start, pa.date32()), count),
        "valid_to": pa.nulls(count, pa.date32()) if ends is None else ends,
    }
    rows = pa.table({**columns, **days}).select(SCHEMA.names).cast(SCHEMA)
    something = None
    for name in _DECIDED:
        if name != "cost_class":
            known = pc.is_valid(rows[name])
            something = known if something is None else pc.or_(something, known)
    return rows.filter(something)
