"""The margin's cost side as one plain SQL: joins, group by, exact decimals."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from billing.margin.figures import figures
from billing.margin.meaning import WHOLE
from billing.margin.scenario import Scenario
from billing.measures import (
    CHARGE_CLASS,
    CONTRACTED,
    GROUP,
    NO_PLAN,
    NONE,
    REGULAR,
    UNATTRIBUTED,
    is_dated,
    owner_of,
)
from tknops.calendar import Period
from usage.attribution import EFFECTS
from usage.cube.columns import KEY, SUMS
from usage.tokens import QUANTITIES

DECIDED = "decided."
# Labels known per context, so worked out once for all its days.
_ATTRIBUTED = {
    "customer": f"coalesce(a.customer, '{UNATTRIBUTED}')",
    "feature": f"coalesce(a.feature, '{UNATTRIBUTED}')",
    "team": f"coalesce(a.team, '{NONE}')",
    "end_user": f"coalesce(a.end_user, x.sent_end_user, '{NONE}')",
    "cost_class": "coalesce(a.cost_class, 'COGS')",
    CHARGE_CLASS: f"'{REGULAR}'",  # what is of another class is asked for apart
    "context": "x.context_id::VARCHAR",  # of traces only: no report lists contexts
    # Of traces only: rule and run that decided an effect, "12@34", "@34" or "@".
    **{
        f"{DECIDED}{effect}": f"coalesce(a.{effect}_rule::VARCHAR, '') || '@' || "
        "coalesce(a.run_id::VARCHAR, '')"
        for effect in EFFECTS
    },
}
# Labels known only per context and day.
_DAILY = {
    "plan": f"coalesce(pl.plan, '{NO_PLAN}')",
    "terms": f"coalesce(te.terms, '{NO_PLAN}')",
    "day": "c.day",
    "week": "date_trunc('week', c.day)",
    "month": "date_trunc('month', c.day)",
    "quarter": "date_trunc('quarter', c.day)",
    "utc_day": "c.utc_day",
    "utc_month": "date_trunc('month', c.utc_day)",
}
_SHOWN = {
    "day": "strftime({0}, '%Y-%m-%d')",
    "week": "strftime({0}, '%G-W%V')",
    "month": "strftime({0}, '%Y-%m')",
    "quarter": "strftime({0}, '%Y') || '-Q' || quarter({0})",
    "utc_day": "strftime({0}, '%Y-%m-%d')",
    "utc_month": "strftime({0}, '%Y-%m')",
}
# How attributes and groups are read: as they were on each day, or as they are today.
THEN, NOW = "then", "now"


@dataclass(frozen=True, slots=True)
class Question:
    """Dimensions to group by, those only filtered by, and the accepted values.

    `basis` is a key of COST_BASES; a scenario asks as if its prices were in force.
    `as_of_run` asks with the attributions as a derivation left them; None: those in force.
    `attributes_on`: attributes and groups as of that day for all days; None: each day as it was.
    `only`: priced quantities, one of PRICED each; others count as if they were not; none: all.
    `posted`: only usage posted in these months. `late`: only what was posted in a later month than
     its own, or only what was not; None: both. `live`: as if no month were closed.
    `rates_on`: the rates of this day for every day; None: each day's own.
    `most_rows`: an answer of more is refused, which changes no answer there is; None: no limit.
    """

    by: Sequence[str]
    filters: Mapping[str, Sequence[str]]
    basis: str = CONTRACTED
    scenario: Scenario | None = None
    as_of_run: int | None = None
    attributes_on: dt.date | None = None
    only: tuple[str, ...] = ()
    posted: Period | None = None
    late: bool | None = None
    live: bool = False
    rates_on: dt.date | None = None
    most_rows: int | None = None

    @property
    def dimensions(self) -> list[str]:
        """Every dimension that must be known, once."""
        return list(dict.fromkeys([*self.by, *self.filters]))

    @property
    def key(self) -> tuple[object, ...]:
        """Name the question."""
        accepted = tuple((name, tuple(keys)) for name, keys in self.filters.items())
        on = self.attributes_on if self.attributes else None
        told = (self.basis, self.scenario, self.as_of_run, on, self.only, self.rates_on)
        return tuple(self.by), accepted, *told, self.posted, self.late, self.live

    @property
    def attributes(self) -> list[str]:
        """The dated attributes among them, and the group."""
        return [name for name in self.dimensions if is_dated(name)]

    @property
    def owners(self) -> list[str]:
        """Whose attributes they are, besides the customer's: a context's kind must say."""
        return sorted({owner_of(name) for name in self.attributes} - {"", "customer"})

    @property
    def daily(self) -> list[str]:
        """The dimensions whose label depends on the day."""
        attributes = set(self.attributes)
        return [name for name in self.dimensions if name in _DAILY or name in attributes]

    @property
    def lasting(self) -> list[str]:
        """The dimensions whose label depends on the context alone."""
        daily = set(self.daily)
        return [name for name in self.dimensions if name not in daily]

    @property
    def left_out(self) -> set[str]:
        """The quantities that count as if they were not."""
        return set(QUANTITIES).difference(self.only) if self.only else set()

    @property
    def asks_deciders(self) -> bool:
        """Whether the rules and runs behind attributions must be known."""
        return any(name.startswith(DECIDED) for name in self.dimensions)

    @property
    def asks_plan(self) -> bool:
        """Whether cost must be shared over plans."""
        return "plan" in self.dimensions


def kinds_query(question: Question) -> str:
    """Build the SQL over contexts and attributions: what a context is, for the question.

    One row per context and, where its attribution is dated, interval of days; days no attribution
    covers have a row of their own. Parameters: the accepted values of each filter on a lasting
    dimension. Identifiers come from declared names; the only free text, dimension names, is never
    put into the SQL but numbered.
    """
    numbered = [f"{_lasting(name)} AS d{i}" for i, name in enumerate(question.lasting)]
    labels = "".join(f"{label}, " for label in numbered)
    owners = "".join(f"a.{owner}_id, " for owner in question.owners)
    positions = {name: f"d{i}" for i, name in enumerate(question.lasting)}
    where = [f"list_contains(?, {positions[n]})" for n in question.filters if n in positions]
    return f"""
    WITH dated AS (
        SELECT * FROM attributions WHERE context_id IN (
            SELECT context_id FROM attributions WHERE {DATED})
    ), uncovered AS (
        SELECT context_id, lag(valid_to, 1, DATE '0001-01-01') OVER days AS valid_from,
               valid_from AS valid_to
        FROM dated WINDOW days AS (PARTITION BY context_id ORDER BY valid_from)
        UNION ALL SELECT context_id, max(valid_to), DATE '9999-12-31' FROM dated GROUP BY ALL
    ), meant AS (
        SELECT * FROM attributions
        UNION ALL BY NAME SELECT * FROM uncovered WHERE valid_from < valid_to
    )
    SELECT {labels} x.context_id, x.sku_id, x.sent_unit, a.customer_id, {owners}
           coalesce(a.valid_from, DATE '0001-01-01') AS valid_from,
           coalesce(a.valid_to, DATE '9999-12-31') AS valid_to,
           {_ATTRIBUTED["cost_class"]} = 'COGS' AS is_cogs
    FROM contexts x LEFT JOIN meant a ON a.context_id = x.context_id
    {f"WHERE {' AND '.join(where)}" if where else ""}
    """  # noqa: S608 - see the docstring


DATED = "valid_from > DATE '0001-01-01' OR valid_to < DATE '9999-12-31'"


def _lasting(name: str) -> str:
    return _ATTRIBUTED.get(name) or f'x."{name.replace(chr(34), "")}"'


def cost_query(
    question: Question,
    *,
    dated: bool,
    shared: bool,
    classed: bool = True,
    absent: Collection[str] = (),
    currencies: int = 1,
    converts: bool = False,
) -> str:
    """Build the SQL over cube, members, kinds, epochs, prices (plans, shared, attribute_i).

    `members` says which kind a context is (in an interval of days, if `dated`), `epochs` which
    days have the same prices. Quantities of one price are summed before they are multiplied;
    those that are `absent`, 0 in every row, are left out.
    If `classed`, some kind is no cost of revenue and that part is summed apart.
    Rows hold the dimensions, the stretch of days whose rates count, the currency of what was
    stated, and the figures. Where it `converts`, what is in another currency (`elsewhere` says of
    which kinds prices are) stands in rows of their own per stretch and currency.
    Parameters: the other currencies stated, if it converts; start, end, the accepted values of
    each filter on a daily dimension.
    """
    absent = {*absent, *question.left_out}
    positions = {name: f"e{i}" for i, name in enumerate(question.daily)}
    daily = "".join(f"{_daily(question, name)} AS {positions[name]}, " for name in question.daily)
    rows = f"""
        SELECT {daily} m.kind, t.epoch, c.band, c.price_window, c.classes, c.stated_currency,
               {_STRETCH if converts else "NULL"} AS stretch, {_parts(shared=shared)}
        FROM {_cube(shared=shared)} c
        JOIN members m ON m.context_id = c.context_id
         {"AND c.day >= m.valid_from AND c.day < m.valid_to" if dated else ""}
        JOIN epochs t ON t.day = c.day
        {"LEFT JOIN elsewhere f ON f.kind = m.kind" if converts else ""}
        {_more_joins(question)}
        WHERE c.day >= ? AND c.day < ?{_posted(question)}
    """  # noqa: S608
    group = "".join(f"{name}, " for name in positions.values())
    group += "kind, epoch, band, price_window, classes, stated_currency, stretch"
    columns = {**{n: f"k.d{i}" for i, n in enumerate(question.lasting)}}
    columns |= {name: shown(name, f"g.{at}") for name, at in positions.items()}
    where = [f"list_contains(?, {columns[name]})" for name in question.filters if name in positions]
    dims = [columns[name] for name in question.by]
    money = ["g.stretch", "g.stated_currency"] if converts else []
    selected = ", ".join([*dims, *(money or ["NULL", "''"])])
    grouped = ", ".join([*dims, *money])
    return f"""
    WITH summed AS (
        SELECT {group}, {", ".join(f"sum({name}) AS {name}" for name in SUMS if name not in absent)}
        FROM ({rows}) GROUP BY {group}
    )
    SELECT {selected},
           {
        figures(
            absent,
            basis=question.basis,
            classed=classed,
            currencies=currencies,
            only=question.only,
        )
    }
    FROM (SELECT *, stated_currency <> '' AS is_stated FROM summed) g
    JOIN kinds k ON k.kind = g.kind
    LEFT JOIN prices p ON p.sku_id = k.sku_id AND p.unit = k.sent_unit AND p.band = g.band
     AND p.price_window = g.price_window AND p.epoch = g.epoch
    {f"WHERE {' AND '.join(where)}" if where else ""}
    {f"GROUP BY {grouped}" if grouped else ""}
    """  # noqa: S608


# The rates of a day matter only to what is in another currency.
_STRETCH = "CASE WHEN f.kind IS NOT NULL OR list_contains(?, c.stated_currency) THEN t.stretch END"


def _posted(question: Question) -> str:
    """Choose rows by the month they were posted in, of dates only."""
    found = ""
    if posted := question.posted:
        found += f" AND c.posting_month >= DATE '{posted.start}'"
        found += f" AND c.posting_month < DATE '{posted.end}'"
    if question.late is not None:
        compared = "<>" if question.late else "="
        found += f" AND c.posting_month {compared} date_trunc('month', c.day)"
    return found


def _daily(question: Question, name: str) -> str:
    if name in question.attributes:
        missing = UNATTRIBUTED if name == GROUP else NONE
        return f"coalesce(at{question.attributes.index(name)}.value, '{missing}')"
    return _DAILY[name]


def shown(name: str, column: str) -> str:
    """Write a day, week, month or quarter as its key; others as they are."""
    return _SHOWN.get(name, "{}").format(column)


def _cube(*, shared: bool) -> str:
    """Sum each key first where integers are split, so that the split is the same every time."""
    if not shared:
        return "cube"
    keys = ", ".join(KEY)
    sums = ", ".join(f"sum({name})::HUGEINT AS {name}" for name in SUMS if name != "stated_cost")
    among = "context_id IN (SELECT context_id FROM shared)"
    return f"""(
        SELECT {keys}, {", ".join(SUMS)} FROM cube WHERE NOT {among}
        UNION ALL BY NAME
        SELECT {keys}, {sums}, sum(stated_cost) AS stated_cost FROM cube WHERE {among}
        GROUP BY {keys}
    )"""  # noqa: S608


def _parts(*, shared: bool) -> str:
    """A quantity, or the part of it that belongs to a plan by cumulative difference."""
    if not shared:
        return ", ".join(f"c.{name}" for name in SUMS)
    return ", ".join(_part(name) for name in SUMS)


def _part(name: str) -> str:
    if name == "stated_cost":  # information beside the cost: goes whole to the first with a share
        first = "pl.plan IS NULL OR (pl.from_share = 0 AND pl.to_share > 0)"
        return f"CASE WHEN {first} THEN c.stated_cost END AS stated_cost"
    quantity = f"c.{name}::HUGEINT"
    split = f"({quantity} * pl.to_share) // {WHOLE} - ({quantity} * pl.from_share) // {WHOLE}"
    whole = f"pl.plan IS NULL OR pl.to_share - pl.from_share = {WHOLE}"
    return f"CASE WHEN {whole} THEN {quantity} ELSE {split} END AS {name}"


def _more_joins(question: Question) -> str:
    joins = [
        f"LEFT JOIN attribute_{index} at{index} "
        f"ON at{index}.owner_id = m.{owner_of(name) or 'customer'}_id "
        f'AND c.day >= at{index}.start AND c.day < at{index}."end"'
        for index, name in enumerate(question.attributes)
    ]
    if question.asks_plan:
        joins.append(
            "LEFT JOIN plans pl ON pl.customer_id = m.customer_id "
            'AND c.day >= pl.start AND c.day < pl."end"'
        )
    if "terms" in question.dimensions:
        joins.append(
            "LEFT JOIN terms te ON te.customer_id = m.customer_id "
            'AND c.day >= te.start AND c.day < te."end"'
        )
    return "\n        ".join(joins)


def attributes_day(choice: str, *, today: dt.date) -> dt.date | None:
    """Return the day attributes are read on: today for 'now', each day itself for 'then' or ''.

    Raises ValueError for anything else.
    """
    if choice not in {"", THEN, NOW}:
        message = f"attributes={choice!r}; accepted are {THEN!r}, as it was, and {NOW!r}, as it is"
        raise ValueError(message)
    return today if choice == NOW else None
