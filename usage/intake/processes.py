"""Which events of SDKs are missing, per process: created − arrived − dropped, to the number."""

import datetime as dt
import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from usage.models import SdkProcess

# An SDK tries again within a minute, so one that is silent for longer cannot, or has ended.
SILENT_AFTER = dt.timedelta(minutes=15)


class Arrival(enum.StrEnum):
    """How far the events of a process have arrived."""

    COMPLETE = "complete"
    SENDING = "still sending"
    UNSENT = "ended with events unsent"
    MISSING = "events missing"
    SCATTERED = "not followed"


@dataclass(frozen=True, slots=True)
class Process:
    """Events of a process: created = arrived + dropped + not_arrived.

    `holes` are the numbers that did not arrive (first, last), those the SDK dropped among them: it
    says how many it dropped, not which.
    """

    source: str
    process: str
    version: str
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    created: int
    arrived: int
    dropped: dict[str, int]
    holes: list[tuple[int, int]]
    state: Arrival

    @property
    def not_arrived(self) -> int | None:
        """Count the events neither here nor dropped; None where the process is not followed."""
        if self.state is Arrival.SCATTERED:
            return None
        return max(0, self.created - self.arrived - sum(self.dropped.values()))

    @property
    def on_the_way(self) -> int:
        """Count the events that may still come: of a process that is heard of or has a disk."""
        waits = self.state in {Arrival.SENDING, Arrival.UNSENT}
        return self.not_arrived or 0 if waits else 0

    @property
    def missing(self) -> int | None:
        """Count the events that are lost."""
        return None if self.not_arrived is None else self.not_arrived - self.on_the_way

    def sentence(self) -> str:
        """Say how it stands."""
        count = f"{self.not_arrived:,}" if self.not_arrived else ""
        return {
            Arrival.MISSING: f"{count} missing",
            Arrival.UNSENT: f"process ended with {count} unsent",
        }.get(self.state, str(self.state))


def processes(
    *, now: dt.datetime, source: str = "", since: dt.datetime | None = None
) -> list[Process]:
    """Return the processes heard of, those that lack events first, then the latest heard of."""
    rows = SdkProcess.objects.select_related("source").order_by("-last_seen_at", "-pk")
    if source:
        rows = rows.filter(source__name=source)
    if since:
        rows = rows.filter(last_seen_at__gt=since)
    return sorted((process_of(row, now=now) for row in rows), key=_urgency)


def process_of(row: SdkProcess, *, now: dt.datetime) -> Process:
    """Count one process."""
    pieces = [(piece.lower, piece.upper - 1) for piece in row.arrived]
    lacking = list(holes(pieces, row.created))
    open_events = _size(lacking) - sum(row.dropped.values())
    return Process(
        source=row.source.name,
        process=row.process,
        version=row.version,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        created=row.created,
        arrived=_size(pieces),
        dropped=row.dropped,
        holes=lacking,
        state=_state(row, open_events, now),
    )


def _state(row: SdkProcess, open_events: int, now: dt.datetime) -> Arrival:
    if row.is_scattered:
        return Arrival.SCATTERED
    if open_events <= 0:
        return Arrival.COMPLETE
    if row.ended_at:
        return Arrival.MISSING
    return Arrival.UNSENT if now - row.last_seen_at > SILENT_AFTER else Arrival.SENDING


def holes(pieces: Iterable[tuple[int, int]], created: int) -> Iterator[tuple[int, int]]:
    """Yield the numbers from 0 up to `created` that no piece holds; pieces are in order."""
    begin = 0
    for first, last in pieces:
        if first > begin:
            yield begin, first - 1
        begin = last + 1
    if begin < created:
        yield begin, created - 1


def _size(pieces: Iterable[tuple[int, int]]) -> int:
    return sum(last - first + 1 for first, last in pieces)


_ORDER = (
    Arrival.MISSING, Arrival.UNSENT, Arrival.SCATTERED, Arrival.SENDING, Arrival.COMPLETE,
)  # fmt: skip


def _urgency(process: Process) -> int:
    return _ORDER.index(process.state)
