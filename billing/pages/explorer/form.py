"""The explorer's form, derived from the declared dimensions and measures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from billing.explorer import Exploration
from billing.explorer.address import RANGE
from billing.explorer.figures import OFFERED
from billing.explorer.question import ATTRIBUTES, MOST_ROWS, TOPS
from billing.explorer.spans import COMPARISONS, NAMED
from billing.explorer.suggestions import Group
from billing.margin.labels import labels
from billing.margin.query import NOW, THEN
from billing.measures import dimension
from billing.pages.basis import BASIS_LABELS
from tknops.calendar import GRAINS

_READINGS = {THEN: "as they were", NOW: "as they are now"}
Option = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Field:
    """A select: options (value, label, chosen) in groups, the unnamed first."""

    name: str
    label: str
    groups: Sequence[tuple[str, Sequence[Option]]]


@dataclass(frozen=True, slots=True)
class FilterChip:
    """A filter in force and the address without it."""

    label: str
    value: str
    without: str


def form(asked: Exploration, dimensions: Sequence[Group]) -> dict[str, object]:
    """Return the selects with the question in them."""
    picks = [*asked.rows, *[""] * (MOST_ROWS - len(asked.rows))]
    places = ("Rows", "then by", "then by")
    period = dict(asked.pairs())
    tops = [*((str(top), f"Top {top}") for top in TOPS), ("all", "All rows")]
    names = [("", "—"), *((name, label) for name, (label, _) in NAMED.items())]
    return {
        "rows": [
            Field("rows", label, _grouped(dimensions, pick, "—"))
            for label, pick in zip(places, picks, strict=True)
        ],
        "column": Field("column", "Columns", _grouped(dimensions, asked.column, "—")),
        "filter": Field("filter", "Filter by", _grouped(dimensions, "", "Add a filter …")),
        "measures": [
            (name, one.measure.label, one.measure.formula, name in asked.measures)
            for name, one in OFFERED.items()
        ],
        "period": Field(
            "period",
            "Period",
            _plain([*names[1:], (RANGE, "From … to …")], asked.span.name or RANGE),
        ),
        "from": period.get("from", ""),
        "to": period.get("to", ""),
        "others": [
            Field(
                "grain",
                "Over time",
                _plain([("", "no"), *((g, f"by {g}") for g in GRAINS)], asked.grain),
            ),
            Field(
                "compare", "Compare with", _plain([("", "—"), *COMPARISONS.items()], asked.compare)
            ),
            Field("top", "Rows shown", _plain(tops, str(asked.top or "all"))),
            Field("basis", "Cost", _plain(BASIS_LABELS.items(), asked.basis)),
            Field(
                ATTRIBUTES,
                "Attributes",
                _plain(_READINGS.items(), NOW if asked.attributes_on else THEN),
            ),
        ],
        "hidden": [(name, key) for name, keys in asked.filters.items() for key in keys],
        "wide": asked.wide,
    }


def _plain(
    options: Iterable[tuple[str, str]], chosen: str
) -> Sequence[tuple[str, Sequence[Option]]]:
    return [("", [(value, label, value == chosen) for value, label in options])]


def _grouped(
    dimensions: Sequence[Group], chosen: str, none: str
) -> Sequence[tuple[str, Sequence[Option]]]:
    known = {name for _, options in dimensions for name, _ in options}
    first = [("", none, not chosen)]
    if chosen and chosen not in known:
        first.append((chosen, dimension(chosen).label, True))
    return [
        ("", first),
        *(
            (group, [(name, label, name == chosen) for name, label in options])
            for group, options in dimensions
        ),
    ]


def filter_chips(asked: Exploration, path: str) -> list[FilterChip]:
    """List each value filtered by with the address that drops it."""
    names = labels(list(asked.filters))
    return [
        FilterChip(
            dimension(name).label,
            names.get(name, {}).get(key, key),
            f"{path}?{_without(asked, name, key).query}",
        )
        for name, keys in asked.filters.items()
        for key in keys
    ]


def _without(asked: Exploration, name: str, key: str) -> Exploration:
    filters = dict(asked.filters)
    filters[name] = tuple(one for one in filters[name] if one != key)
    return replace(asked, filters={k: v for k, v in filters.items() if v})


def splits(asked: Exploration, dimensions: Sequence[Group]) -> list[tuple[str, str]]:
    """List the dimensions a figure may still be split by; time may be cut finer always."""
    used = {*asked.by, *asked.filters} - set(GRAINS)
    return [one for _, options in dimensions for one in options if one[0] not in used]
