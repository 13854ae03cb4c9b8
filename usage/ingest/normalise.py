"""Event as sent → priced lines: canonical names, disjoint integers, one fingerprint."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from usage.ingest.circumstances import (
    SILENT,
    Circumstances,
    circumstances,
    usual_circumstances,
)
from usage.ingest.errors import EventError
from usage.ingest.event import Event, Line
from usage.ingest.identity import digest, event_key
from usage.ingest.moment import parse_moment
from usage.ingest.provider_usage import provider_quantities
from usage.ingest.quantities import Quantities, quantities
from usage.ingest.stated import stated_cost
from usage.tokens import QUANTITIES

_NOTHING = Quantities((0,) * len(QUANTITIES), "", 0)


class PricedLine(msgspec.Struct, array_like=True, gc=False):
    """One row of the ledger to be; as JSON the list that fingerprints are made of."""

    circumstances: Circumstances
    quantities: Quantities
    stated: tuple[Decimal, str] | None


class NormalEvent(msgspec.Struct, gc=False):
    """An event ready to be stored."""

    index: int
    id: str
    key: bytes
    fingerprint: bytes
    occurred_at: dt.datetime
    time_text: str | None
    lines: list[PricedLine]


def normalise(index: int, event: Event, *, latest: dt.datetime, oldest: dt.datetime) -> NormalEvent:
    """Check and normalise one event. Raises EventError."""
    key = event_key(event.id)
    occurred_at, finer = parse_moment(event.time, latest=latest, oldest=oldest)
    lines = _lines(event)
    time_text = event.time if finer else None
    fingerprint = digest((occurred_at, time_text, lines))
    return NormalEvent(index, event.id, key, fingerprint, occurred_at, time_text, lines)


def _lines(event: Event) -> list[PricedLine]:
    if event.lines is None:
        if event.usage_format is None:
            return [_usual_line(event)]
        return list(_priced(event, event))
    if event.provider or event.model or bytes(event.usage):
        raise EventError("duplicate_lines", "/lines")
    return [line for part in event.lines for line in _priced(event, part)]


def _usual_line(event: Event) -> PricedLine:
    """Make the one line of a usage in canonical classes."""
    found = quantities(event) or _no_usage(event)
    stated = None if event.cost is None else stated_cost(event.cost)
    return PricedLine(usual_circumstances(event, SILENT, found.unit), found, stated)


def _no_usage(event: Event) -> Quantities:
    if (event.outcome or "ok") == "ok":
        raise EventError("no_usage", "/usage")
    return _NOTHING


def _priced(event: Event, part: Event | Line) -> Iterator[PricedLine]:
    if part.usage_format is None:
        found = quantities(part)
        said = [] if found is None else [(SILENT, found)]
    else:
        said = list(provider_quantities(part))
    # What the provider states is for the whole call: it stands on its first line.
    stated = stated_cost(part.cost)
    for priced, found in said or [(SILENT, _no_usage(event))]:
        if part is event:
            where = usual_circumstances(event, priced, found.unit)
        else:
            where = circumstances(event, part, priced, found.unit)
        yield PricedLine(where, found, stated)
        stated = None
