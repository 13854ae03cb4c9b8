"""What a door made of a body: native events by their place in it, and those refused."""

from dataclasses import dataclass, field
from typing import Any

from usage.ingest.errors import EventError
from usage.ingest.event import Event


@dataclass(slots=True)
class Rejected:
    """An event that cannot be taken: allow-listed fields, names of the rest, and why."""

    index: int
    error: EventError
    id: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    sha256: bytes = b""


@dataclass(slots=True)
class Decoded:
    """Events by their index in the request, those rejected, and what was dropped unread.

    `keys` holds the identity of events whose wire has one of its own (spans, CloudEvents), `flags`
    what their wire found odd, `removed` the names of fields that were dropped. `ignored` counts by
    reason what is no priced call: it was never an event, so it is not among the received.
    """

    received: int
    events: list[tuple[int, Event]]
    rejected: list[Rejected] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    content: int = 0
    keys: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, int] = field(default_factory=dict)
    ignored: dict[str, int] = field(default_factory=dict)
    removed: dict[int, list[str]] = field(default_factory=dict)
    alerts: dict[str, int] = field(default_factory=dict)

    def alert(self, code: str, events: int = 1) -> None:
        """Count events that carried what should not be sent."""
        if events:
            self.alerts[code] = self.alerts.get(code, 0) + events
