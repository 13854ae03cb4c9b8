"""What a context is made of, as sent: canonical names, checked texts, sorted tags."""

import re
from operator import attrgetter
from typing import NamedTuple

from usage.ingest.errors import EventError
from usage.ingest.event import Event, Line
from usage.ingest.providers import canonical
from usage.sources import Part, model_and_region

SILENT = Part({})
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


# What is sent repeats: a combination of texts is checked and put together once. Nothing here
# comes from the database, so it holds for every process and never grows stale.
_said = attrgetter(*(name for name in Circumstances._fields if name not in {"unit", "tags"}))
_known: dict[tuple[object, ...], Circumstances] = {}
_LIMIT = 20_000
# What a part says was used, behind its quantities and unit.
_WHAT = slice(Part._fields.index("provider"), None)


def usual_circumstances(event: Event, said: Part, unit: str) -> Circumstances:
    """Return the circumstances of an event that is its own one part. Raises EventError."""
    tags = event.tags
    texts = (_said(event), said[_WHAT], unit, tuple(tags.items()) if tags else ())
    found = _known.get(texts)
    if found is None:
        found = circumstances(event, event, said, unit)
        if len(_known) >= _LIMIT:
            _known.clear()
        _known[texts] = found
    return found


def _check_named(part: Event | Line) -> None:
    if not part.provider.strip():
        raise EventError("provider_missing", "/provider")
    if not part.model.strip():
        raise EventError("model_missing", "/model")


def circumstances(event: Event, part: Event | Line, said: Part, unit: str) -> Circumstances:
    """Put together what was bought and for whom; what the payload says was used wins.

    Raises EventError.
    """
    _check_named(part)
    provider, model = canonical(said.provider or part.provider), said.model or part.model
    tier, region = said.service_tier, said.region
    model, named = model_and_region(provider, model)
    region = named or region
    made = Circumstances(
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
        _tags(event.tags),
    )
    if "\x00" in "".join(made[:-1]):
        raise EventError("control_character")
    return made


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
