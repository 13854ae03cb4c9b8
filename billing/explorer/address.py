"""Read an exploration from the parameters of an address."""

import datetime as dt
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from billing.explorer.figures import OFFERED
from billing.explorer.question import (
    ALL,
    ATTRIBUTES,
    DEFAULT_TOP,
    MOST_ROWS,
    TOPS,
    Exploration,
    WrongQuestionError,
)
from billing.explorer.spans import COMPARISONS, DEFAULT, Span, bounded, named
from billing.margin.query import NOW, THEN, attributes_day
from billing.measures import CONTRACTED, COST_BASES, UnknownDimensionError, dimension
from tknops.calendar import GRAINS

Lists = Mapping[str, Sequence[str]]
_ASKS = frozenset(("rows", "column", "measure", "grain"))
_OWN = _ASKS | {"period", "from", "to", "compare", "top", "wide", "sort", "basis", ATTRIBUTES}
# Of the page, not of the question.
BESIDE = frozenset(("page", "format", "table", "view", "go", "filter", "value", "events", "why"))
STANDARD = ("revenue", "cost", "margin", "margin_pct")
RANGE = "range"


def parse(lists: Lists, *, today: dt.date) -> Exploration:
    """Read ?rows=…&column=…&measure=…&customer=…; nothing asked is the margin by customer.

    Raises WrongQuestionError.
    """
    given = {name: [text for text in values if text] for name, values in lists.items()}
    given = {name: values for name, values in given.items() if values and name not in BESIDE}
    try:
        made = Exploration(
            span=_span(given, today),
            rows=_rows(given),
            column=_dimension("column", _one(given, "column")),
            measures=_measures(given),
            filters=_filters(given),
            grain=_among(given, "grain", GRAINS),
            compare=_among(given, "compare", COMPARISONS),
            top=_top(given),
            wide=bool(_one(given, "wide")),
            sort=_one(given, "sort"),
            basis=_among(given, "basis", COST_BASES) or CONTRACTED,
            attributes_on=_attributes(given, today),
        )
    except WrongQuestionError:
        raise
    except ValueError as error:
        raise WrongQuestionError(str(error)) from error
    _check(made)
    return made


def parse_query(query: str, *, today: dt.date) -> Exploration:
    """Read a saved address. Raises WrongQuestionError."""
    return parse(parse_qs(query), today=today)


def _one(given: Lists, name: str) -> str:
    return given[name][-1] if name in given else ""


def _among(given: Lists, name: str, accepted: Sequence[str] | Mapping[str, str]) -> str:
    text = _one(given, name)
    if text and text not in accepted:
        message = f"{name}={text!r} is not known; accepted: {', '.join(accepted)}"
        raise WrongQuestionError(message)
    return text


def _dimension(part: str, name: str) -> str:
    try:
        return dimension(name).name if name else ""
    except UnknownDimensionError as error:
        message = f"{part}: {error}"
        raise WrongQuestionError(message) from error


def _rows(given: Lists) -> tuple[str, ...]:
    if not _ASKS & given.keys():
        return ("customer",)
    rows = tuple(dict.fromkeys(_dimension("rows", name) for name in given.get("rows", ())))
    if len(rows) > MOST_ROWS:
        message = f"rows: {len(rows)} dimensions; accepted: up to {MOST_ROWS}"
        raise WrongQuestionError(message)
    return rows


def _measures(given: Lists) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(given.get("measure", ())))
    wrong = [name for name in chosen if name not in OFFERED]
    if wrong:
        message = f"measure={wrong[0]!r} is not a measure; accepted: {', '.join(OFFERED)}"
        raise WrongQuestionError(message)
    pivots = given.get("column") or given.get("grain")
    return chosen or (("cost",) if pivots else STANDARD)


def _filters(given: Lists) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, values in given.items():
        if name in _OWN:
            continue
        try:
            found[dimension(name).name] = tuple(dict.fromkeys(values))
        except UnknownDimensionError as error:
            own = ", ".join(sorted(_OWN))
            message = f"Filter: {error}; or a part of the question: {own}"
            raise WrongQuestionError(message) from error
    return found


def _span(given: Lists, today: dt.date) -> Span:
    name = _one(given, "period")
    first, last = _one(given, "from"), _one(given, "to")
    if (name in {"", RANGE}) and (first or last):
        return bounded(first or last, last)
    return named(DEFAULT if name in {"", RANGE} else name, today)


def _attributes(given: Lists, today: dt.date) -> dt.date | None:
    return attributes_day(_among(given, ATTRIBUTES, (THEN, NOW)), today=today)


def _top(given: Lists) -> int:
    text = _one(given, "top")
    if text == "all":
        return ALL
    if text and text not in map(str, TOPS):
        message = f"top={text!r} is not known; accepted: {', '.join(map(str, TOPS))}, all"
        raise WrongQuestionError(message)
    return int(text) if text else DEFAULT_TOP


def _check(made: Exploration) -> None:
    """Refuse what contradicts itself."""
    if made.column and made.column in made.rows:
        message = f"column={made.column!r} stands in the rows too; accepted: another dimension"
        raise WrongQuestionError(message)
    fixed = [name for name in made.filters if name in GRAINS]
    if made.compare and fixed:
        message = (
            f"compare={made.compare!r} cannot be combined with the filter {fixed[0]}; "
            "accepted: a period instead of the filter"
        )
        raise WrongQuestionError(message)
