"""Contexts resolved for a question: which have the same labels and are priced alike."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from billing.margin import meaning
from billing.margin.memory import Memory
from billing.margin.query import DATED, Question, kinds_query
from usage import cube
from usage.revisions import Revisions

_held = Memory()


@dataclass(frozen=True, slots=True)
class Kinds:
    """`members` maps contexts to kinds; `kinds` holds labels, SKU, unit and class of each.

    `classed`: some kind is no cost of revenue.
    """

    members: pa.Table
    kinds: pa.Table
    dated: bool
    classed: bool


def kinds_of(question: Question, revisions: Revisions, *, only: pa.Array | None = None) -> Kinds:
    """Resolve the contexts, or `only` some; all are remembered, since most questions repeat."""
    accepted = [tuple(keys) for name, keys in question.filters.items() if name in question.lasting]
    if only is not None:
        return _resolve(question, accepted, revisions, only)
    key = (
        tuple(question.lasting),
        tuple(name for name in question.filters if name in question.lasting),
        tuple(accepted),
        question.as_of_run,
        tuple(question.owners),
        meaning.state(revisions),
    )
    return _held.get(key, lambda: _resolve(question, accepted, revisions))


def forget() -> None:
    """Drop what this process remembers."""
    _held.clear()


def _resolve(
    question: Question,
    accepted: list[tuple[str, ...]],
    revisions: Revisions,
    only: pa.Array | None = None,
) -> Kinds:
    sent = ["sent_end_user"] if "end_user" in question.dimensions else []
    contexts = meaning.contexts([*question.lasting, *sent], revisions)
    attributions = meaning.attributions(revisions, question.as_of_run)
    duck = cube.connect()
    try:
        duck.register("contexts", _among(contexts, only))
        _register_attributions(duck, _among(attributions, only), question, revisions)
        duck.execute(
            f"CREATE TEMP TABLE resolved AS {kinds_query(question)}",
            [list(keys) for keys in accepted],
        )
        names = [
            *(f"d{i}" for i, _ in enumerate(question.lasting)),
            "sku_id",
            "sent_unit",
            "is_cogs",
        ]
        listed = ", ".join(names)
        distinct = f"(SELECT DISTINCT {listed} FROM resolved)"  # noqa: S608 - numbered names
        number = "row_number() OVER ()::INTEGER AS kind"
        duck.execute(f"CREATE TEMP TABLE kinds AS SELECT {number}, * FROM {distinct}")  # noqa: S608
        query = f"SELECT count(*) FROM resolved WHERE {DATED}"  # noqa: S608 - a constant
        dated = duck.execute(query).fetchall()[0][0] > 0
        days = ", valid_from, valid_to" if dated else ""
        owners = "".join(f", {owner}_id" for owner in question.owners)
        members = duck.sql(
            f"SELECT context_id, kind, customer_id{owners}{days} "  # noqa: S608 - declared names
            f"FROM resolved JOIN kinds USING ({listed})"
        ).to_arrow_table()
        kinds = duck.sql("FROM kinds").to_arrow_table()
        query = "SELECT count(*) FROM kinds WHERE NOT is_cogs"
        classed = duck.execute(query).fetchall()[0][0] > 0
        duck.execute("DROP TABLE resolved; DROP TABLE kinds")
    finally:
        duck.close()
    return Kinds(members, kinds, dated, classed)


def _register_attributions(
    duck: Any, attributions: pa.Table, question: Question, revisions: Revisions
) -> None:
    """Hand attributions over; with what decided them where that is asked for."""
    if question.asks_deciders:
        duck.register("bare", attributions)
        duck.register("deciders", meaning.deciders(revisions))
        attributions = duck.sql("FROM bare LEFT JOIN deciders USING (id)").to_arrow_table()
    duck.register("attributions", attributions)


def _among(table: pa.Table, only: pa.Array | None) -> pa.Table:
    return table if only is None else table.filter(pc.is_in(table["context_id"], only))
