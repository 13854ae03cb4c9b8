"""The margin's cost side as one plain SQL: joins, group by, exact decimals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing.margin.meaning import WHOLE
from billing.measures import ATTRIBUTE, NO_PLAN, NONE, UNATTRIBUTED
from usage.cube.columns import KEY, SUMS
from usage.tokens import PRICED, QUANTITIES, TOKENS, UNITS

_ATTRIBUTED = {
    "customer": f"coalesce(a.customer, '{UNATTRIBUTED}')",
    "feature": f"coalesce(a.feature, '{UNATTRIBUTED}')",
    "team": f"coalesce(a.team, '{NONE}')",
    "end_user": "coalesce(a.end_user, x.sent_end_user)",
    "cost_class": "coalesce(a.cost_class, 'COGS')",
    "plan": f"coalesce(pl.plan, '{NO_PLAN}')",
    "day": "strftime(c.day, '%Y-%m-%d')",
    "month": "strftime(c.day, '%Y-%m')",
}


@dataclass(frozen=True, slots=True)
class Question:
    """Dimensions to group by, those only filtered by, and the accepted values."""

    by: Sequence[str]
    filters: Mapping[str, Sequence[str]]

    @property
    def dimensions(self) -> list[str]:
        """Every dimension that must be known, once."""
        return list(dict.fromkeys([*self.by, *self.filters]))

    @property
    def key(self) -> tuple[object, ...]:
        """Name the question."""
        accepted = tuple((name, tuple(keys)) for name, keys in self.filters.items())
        return tuple(self.by), accepted

    @property
    def attributes(self) -> list[str]:
        """The customer attributes among them."""
        return [name for name in self.dimensions if name.startswith(ATTRIBUTE)]

    @property
    def asks_plan(self) -> bool:
        """Whether cost must be shared over plans."""
        return "plan" in self.dimensions


def cost_query(question: Question) -> str:
    """Build the SQL over views cube, contexts, attributions, prices (plans, attribute_i).

    Parameters: start, end, the accepted values of each filter as a list, the reporting
    currency. Quantities of one price are summed before they are multiplied. Identifiers
    come from declared names; the only free text, dimension names, is never put into the
    SQL but numbered.
    """
    numbered = {name: f"d{index}" for index, name in enumerate(question.dimensions)}
    outer = [f"d{index}" for index in range(len(question.by))]
    group = f"GROUP BY {', '.join(outer)}" if outer else ""
    dims = "".join(f"{name}, " for name in outer)
    where = " AND ".join(f"list_contains(?, {numbered[name]})" for name in question.filters)
    grouped = ", ".join([*outer, "price_id", "classes", "stated_currency"])
    return f"""
    WITH labelled AS (
        SELECT {_labels(question)} c.classes, c.stated_currency, p.price_id, {_parts(question)}
        FROM {_cube(question)} c
        JOIN contexts x ON x.context_id = c.context_id
        LEFT JOIN attributions a ON a.context_id = c.context_id
         AND c.day >= a.valid_from AND c.day < a.valid_to
        LEFT JOIN prices p ON p.sku_id = x.sku_id AND p.unit = x.sent_unit AND p.band = c.band
         AND p.price_window = c.price_window AND c.day >= p.start AND c.day < p."end"
        {_more_joins(question)}
        WHERE c.day >= ? AND c.day < ?
    ), grouped AS (
        SELECT {grouped}, {", ".join(f"sum({name}) AS {name}" for name in SUMS)}
        FROM labelled {f"WHERE {where}" if where else ""}
        GROUP BY {grouped}
    )
    SELECT {dims} {_figures()}
    FROM grouped g LEFT JOIN prices p ON p.price_id = g.price_id
    {group}
    """  # noqa: S608 - see the docstring


def _labels(question: Question) -> str:
    known = {name: f"at{index}.value" for index, name in enumerate(question.attributes)}
    expressions = []
    for index, name in enumerate(question.dimensions):
        if name in known:
            expression = f"coalesce({known[name]}, '{NONE}')"
        else:
            expression = _ATTRIBUTED.get(name) or f'x."{name.replace(chr(34), "")}"'
        expressions.append(f"{expression} AS d{index}, ")
    return "".join(expressions)


def _cube(question: Question) -> str:
    """Sum each key first where integers are split, so that the split is the same every time."""
    if not question.asks_plan:
        return "cube"
    sums = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    return f"(SELECT {', '.join(KEY)}, {sums} FROM cube GROUP BY {', '.join(KEY)})"  # noqa: S608


def _parts(question: Question) -> str:
    """A quantity, or the part of it that belongs to a plan by cumulative difference."""
    if not question.asks_plan:
        return ", ".join(f"c.{name}" for name in SUMS)
    return ", ".join(_part(name) for name in SUMS)


def _part(name: str) -> str:
    if name == "stated_cost":  # information beside the cost: goes whole to the first plan
        return "CASE WHEN coalesce(pl.from_share, 0) = 0 THEN c.stated_cost END AS stated_cost"
    quantity = f"c.{name}::HUGEINT"
    split = f"({quantity} * pl.to_share) // {WHOLE} - ({quantity} * pl.from_share) // {WHOLE}"
    return f"CASE WHEN pl.plan IS NULL THEN {quantity} ELSE {split} END AS {name}"


def _more_joins(question: Question) -> str:
    joins = [
        f"LEFT JOIN attribute_{index} at{index} ON at{index}.customer_id = a.customer_id "
        f'AND c.day >= at{index}.start AND c.day < at{index}."end"'
        for index, _ in enumerate(question.attributes)
    ]
    if question.asks_plan:
        joins.append(
            "LEFT JOIN plans pl ON pl.customer_id = a.customer_id "
            'AND c.day >= pl.start AND c.day < pl."end"'
        )
    return "\n        ".join(joins)


def _figures() -> str:
    """Sums per group: quantities, money in millionths, and what has no price."""

    def money(name: str) -> str:
        return f"coalesce(sum(g.{name}::DECIMAL(18,0) * p.p_{name}), 0)"

    def unpriced(name: str) -> str:
        return f"coalesce(sum(g.{name}) FILTER (WHERE p.p_{name} IS NULL), 0)"

    mask = (1 << len(PRICED)) - 1
    priced = " + ".join(f"sum(CASE WHEN p.p_{n} IS NOT NULL THEN g.{n} ELSE 0 END)" for n in PRICED)
    return ", ".join(
        [
            "coalesce(sum(g.events), 0)::BIGINT",
            *(f"coalesce(sum(g.{name}), 0)::BIGINT" for name in QUANTITIES),
            " + ".join(money(name) for name in TOKENS),
            money(UNITS),
            "sum(g.stated_cost) FILTER (WHERE g.stated_currency = ?)",
            f"coalesce({priced}, 0)::HUGEINT",
            f"""coalesce(sum(g.lines) FILTER (
                WHERE g.classes & ({mask} - coalesce(p.priced, 0)) <> 0), 0)::BIGINT""",
            f"({' + '.join(unpriced(name) for name in TOKENS)})::BIGINT",
            f"({unpriced(UNITS)})::BIGINT",
        ]
    )
