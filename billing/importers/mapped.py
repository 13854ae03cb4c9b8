"""A file read by a mapping: its columns take the places of the generic template's."""

from collections.abc import Iterable, Mapping
from typing import Any

from billing.importers import cells, generic, words
from billing.importers.profiles import Profile
from billing.importers.records import Record
from billing.importers.style import Row

# What an import is said to be read by while its mapping has no name.
UNSAVED = "columns"
_WORDS = {"status": words.STATUSES, "type": words.KINDS}


def mapped_profile(name: str, said: Mapping[str, Any]) -> Profile:
    """Return the profile of a mapping: columns and constants by field, and if last days count."""
    columns: dict[str, str] = dict(said.get("columns", {}))
    constants: dict[str, str] = dict(said.get("constants", {}))
    last_day = bool(said.get("last_day_counts"))
    names = {**columns, **{field: f"{field} of every row" for field in constants}}

    def read(row: Row) -> Iterable[Record]:
        found = Row({field: row.get(column, "") for field, column in columns.items()})
        found.update(constants)
        found.style, found.names, found.last_day_counts = row.style, names, last_day
        for field, accepted in _WORDS.items():
            if cells.optional(found, field):
                found[field] = cells.one_of(found, field, accepted)
        yield generic.line(found)

    return Profile(
        name,
        "Mapped columns" if name == UNSAVED else f"Mapping {name}",
        tuple(dict.fromkeys(columns.values())),
        read,
        figures=tuple(columns[field] for field in generic.FIGURES if field in columns),
        days=tuple(columns[field] for field in generic.DAYS if field in columns),
        total=columns.get("amount", ""),
    )


def lacking(said: Mapping[str, Any]) -> list[str]:
    """Name the fields every file needs that have neither a column nor a constant."""
    given = {*said.get("columns", {}), *said.get("constants", {})}
    return [field for field in generic.REQUIRED if field not in given]
