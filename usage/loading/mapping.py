"""Columns of a file → fields of an event, constants and the zone of times without offset."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from usage.ingest.event import FIELDS
from usage.ingest.scrub import readable
from usage.tokens import QUANTITIES
from usage.wires.records import Record

_USAGE = frozenset((*QUANTITIES, "unit"))
_OBJECTS = frozenset(("usage", "tags", "cost"))
_TEXTS = FIELDS - {"lines", "usage", "tags", "cost"}
_LOCAL_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(.*)")


class MappingError(ValueError):
    """A mapping that cannot be used; names the part and what is accepted."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """field ← column, field ← constant; a column of a field's own name needs no entry."""

    columns: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    zone: ZoneInfo | None = None

    @classmethod
    def parse(
        cls, maps: Sequence[str], constants: Sequence[str], timezone: str | None
    ) -> "Mapping":
        """Read `field=column` and `field=constant` texts. Raises MappingError."""
        try:
            zone = ZoneInfo(timezone) if timezone else None
        except (ZoneInfoNotFoundError, ValueError):
            message = f"--timezone {timezone!r} is not a zone such as UTC or Europe/Berlin"
            raise MappingError(message) from None
        return cls(_pairs("--map", maps), _pairs("--set", constants), zone)

    def event(self, row: dict[str, Any]) -> dict[str, Any]:
        """Build an event from a row of texts (CSV); empty cells are absent."""
        event: dict[str, Any] = {}
        taken = set(self.columns.values())
        for name, value in row.items():
            if name not in taken and _is_field(name):
                _put(event, name, value)
        for name, column in self.columns.items():
            _put(event, name, row.get(column))
        return self.complete(event)

    def record(self, event: dict[str, Any]) -> dict[str, Any]:
        """Complete an event of the native format, whose members may be named otherwise."""
        taken = {name: _at(event, path.split(".")) for name, path in self.columns.items()}
        for path in self.columns.values():
            event.pop(path, None)
        for name, value in taken.items():
            _put(event, name, value)
        return self.complete(event)

    def applied(self, raw: bytes, record: Record) -> Record:
        """Give an event of another wire what the mapping says, and what it lacks of its time."""
        if not (self.columns or self.constants or self.zone):
            return record
        sent = readable(raw) if self.columns else {}
        said = {name: _at(sent, path.split(".")) for name, path in self.columns.items()}
        said = {name: value for name, value in said.items() if value not in (None, "")}
        changed: dict[str, Any] = {"tags": dict(record.event.tags or {})}
        for name, value in {**said, **self.constants}.items():
            if name.startswith("tags."):
                changed["tags"][name.removeprefix("tags.")] = str(value)
            elif name in _TEXTS:
                changed[name] = str(value)
        changed["tags"] = changed["tags"] or None
        changed["time"] = self._time(changed.get("time", record.event.time))
        return replace(record, event=msgspec.structs.replace(record.event, **changed))

    def complete(self, event: dict[str, Any]) -> dict[str, Any]:
        """Add the constants and the offset of a local time."""
        for name, value in self.constants.items():
            _put(event, name, value)
        if isinstance(event.get("time"), str):
            event["time"] = self._time(event["time"])
        return event

    def _time(self, text: str) -> str:
        match = _LOCAL_TIME.fullmatch(text.strip())
        if match is None or match[3] or self.zone is None:
            return text
        naive = dt.datetime.fromisoformat(f"{match[1]}T{match[2][:8]}")
        offset = naive.replace(tzinfo=self.zone).strftime("%z")
        return f"{match[1]}T{match[2]}{offset[:3]}:{offset[3:]}"


def _pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not _is_field(name):
            known = ", ".join(sorted((FIELDS - {"lines", "usage", "tags", "cost"}) | _USAGE))
            message = f"{option} {text!r}: write field=…, fields are {known}, tags.<key>"
            raise MappingError(message)
        pairs[name] = value
    return pairs


def _is_field(name: str) -> bool:
    return (
        name in FIELDS - {"lines"}
        or name.removeprefix("usage.") in _USAGE
        or name in {"cost.amount", "cost.currency"}
        or (name.startswith("tags.") and name != "tags.")
    )


def _at(value: Any, path: list[str]) -> Any:
    """Return a member by its path; None where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _put(event: dict[str, Any], name: str, value: Any) -> None:
    if value is None or value == "":
        return
    if name in _OBJECTS:
        _put_object(event, name, value)
        return
    head, _, tail = name.partition(".")
    if head in _USAGE or head == "usage":
        target = event.setdefault("usage", {})
        quantity = tail or head
        target[quantity] = value if quantity == "unit" else _number(value)
    elif tail:
        event.setdefault(head, {})[tail] = value
    else:
        event[name] = value


def _put_object(event: dict[str, Any], name: str, value: Any) -> None:
    """Add a nested column, or a cell that holds it as JSON; a plain cost is its amount."""
    if isinstance(value, str) and value.startswith("{"):
        value = readable(value.encode())
    if isinstance(value, dict):
        event[name] = event.get(name, {}) | value
    elif name == "cost":
        event.setdefault(name, {})["amount"] = str(value)


def _number(value: Any) -> Any:
    """Read a count; what is no integer is left for the ingestion to reject by name."""
    text = str(value).strip()
    return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else value
