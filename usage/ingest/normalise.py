"""Event as sent → priced lines: canonical names, disjoint integers, one fingerprint."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from usage.ingest.errors import EventError
from usage.ingest.event import Event, Line
from usage.ingest.identity import digest, event_key
from usage.ingest.moment import parse_moment
from usage.ingest.provider_usage import provider_quantities
from usage.ingest.providers import canonical
from usage.ingest.quantities import Quantities, quantities
from usage.ingest.stated import stated_cost
from usage.sources import Part, model_and_region
from usage.tokens import QUANTITIES

_NOTHING = Quantities((0,) * len(QUANTITIES), "", 0)
_SILENT = Part({})
_TAG_KEY = re.compile(r"[a-z0-9_.-]{1,64}")
_MAX_TAGS, _MAX_TAG_VALUE = 32, 256


class Circumstances(NamedTuple):
    """What a context is made of, as sent; '' where not said."""

    provider: str
    model: str
    service_tier: str
    region: str
    customer: str
    user: str
    feature: str
    team: str
    environment: str
    operation: str
    outcome: str
    unit: str
    tags: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class PricedLine:
    """One row of the ledger to be."""

    circumstances: Circumstances
    quantities: Quantities
    stated: tuple[Decimal, str] | None


@dataclass(slots=True)
class NormalEvent:
    """An event ready to be stored."""

    index: int
    id: str
    key: bytes
    fingerprint: bytes
    occurred_at: dt.datetime
    time_text: str | None
    lines: list[PricedLine]


def normalise(index: int, event: Event, *, now: dt.datetime, oldest: dt.datetime) -> NormalEvent:
    """Check and normalise one event. Raises EventError."""
    key = event_key(event.id)
    occurred_at, finer = parse_moment(event.time, now=now, oldest=oldest)
    tags = _tags(event.tags)
    lines = [line for part in _parts(event) for line in _lines(event, part, tags)]
    said = [(line.circumstances, line.quantities, line.stated) for line in lines]
    return NormalEvent(
        index=index,
        id=event.id,
        key=key,
        fingerprint=digest((occurred_at, event.time if finer else None, said)),
        occurred_at=occurred_at,
        time_text=event.time if finer else None,
        lines=lines,
    )


def _parts(event: Event) -> Iterator[Event | Line]:
    if event.lines is None:
        yield event
        return
    if event.provider or event.model or bytes(event.usage):
        raise EventError("duplicate_lines", "/lines")
    yield from event.lines


def _lines(
    event: Event, part: Event | Line, tags: tuple[tuple[str, str], ...]
) -> Iterator[PricedLine]:
    if not part.provider.strip():
        raise EventError("provider_missing", "/provider")
    if not part.model.strip():
        raise EventError("model_missing", "/model")
    if part.usage_format is None:
        found = quantities(part)
        said = [] if found is None else [(_SILENT, found)]
    else:
        said = list(provider_quantities(part))
    if not said and (event.outcome or "ok") == "ok":
        raise EventError("no_usage", "/usage")
    # What the provider states is for the whole call: it stands on its first line.
    stated = stated_cost(part.cost)
    for priced, found in said or [(_SILENT, _NOTHING)]:
        yield PricedLine(_circumstances(event, part, priced, found.unit, tags), found, stated)
        stated = None


def _circumstances(
    event: Event, part: Event | Line, said: Part, unit: str, tags: tuple[tuple[str, str], ...]
) -> Circumstances:
    """Put together what was bought and for whom; what the payload says was used wins."""
    provider, model = canonical(said.provider or part.provider), said.model or part.model
    tier, region = said.service_tier, said.region
    model, named = model_and_region(provider, model)
    region = named or region
    circumstances = Circumstances(
        provider,
        model,
        part.service_tier or event.service_tier or "" if tier is None else tier,
        part.region or event.region or "" if region is None else region,
        event.customer or "",
        event.user or "",
        event.feature or "",
        event.team or "",
        event.environment or "",
        event.operation or "",
        event.outcome or "ok",
        unit,
        tags,
    )
    if "\x00" in "".join(circumstances[:-1]):
        raise EventError("control_character")
    return circumstances


def _tags(tags: dict[str, str] | None) -> tuple[tuple[str, str], ...]:
    if not tags:
        return ()
    if len(tags) > _MAX_TAGS:
        raise EventError("tag_limit", "/tags")
    for key, value in tags.items():
        if len(value.encode()) > _MAX_TAG_VALUE or len(key) > 64:
            raise EventError("tag_limit", "/tags")
        if not _TAG_KEY.fullmatch(key):
            raise EventError("tag_key", "/tags")
        if "\x00" in value:
            raise EventError("control_character", "/tags")
    return tuple(sorted(tags.items()))
