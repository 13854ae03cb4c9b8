"""Look at the top of a kept file: columns, first rows, and how it seems to be written."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from billing.importers import generic
from billing.importers.columns import names_last_day, suggest
from billing.importers.opening import open_file
from billing.importers.reading import until_broken
from billing.importers.style import Style, detect

_ROWS = 5


@dataclass(frozen=True, slots=True)
class Peek:
    """The top of a file, and a mapping that its names suggest."""

    names: list[str]
    rows: list[list[str]]
    encoding: str
    delimiter: str
    style: Style
    columns: dict[str, str]
    last_day_counts: bool


def peek(path: Path, said: Mapping[str, Any]) -> Peek:
    """Open a file as said and guess the rest. Raises FileError and LineError."""
    dialect = {name: said.get(name, "") for name in ("encoding", "delimiter")}
    found = open_file(path, **dialect)
    columns = said.get("columns") or suggest(found.names)
    rows = list(islice(until_broken(found.rows), _ROWS))
    again = open_file(path, **dialect)
    style = detect(
        until_broken(again.rows),
        names=again.names,
        figures=[columns[name] for name in generic.FIGURES if name in columns],
        days=[columns[name] for name in generic.DAYS if name in columns],
        said=Style(said.get("decimal", ""), said.get("dates", ""), bool(said.get("accounting"))),
    )
    width = len(found.names)
    return Peek(
        names=[name for name in found.names if name],
        rows=[[*cells, *[""] * width][:width] for _, cells in rows],
        encoding=found.encoding,
        delimiter=found.delimiter,
        style=style,
        columns=dict(columns),
        last_day_counts=said["last_day_counts"]
        if "last_day_counts" in said
        else names_last_day(columns.get("service_end", "")),
    )
