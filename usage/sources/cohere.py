"""Cohere: what is billed wins over what was counted; figures may be written as 12.0."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import count, millionths, part, rest, whole

# Billed units that are no tokens → our unit.
_UNITS = {
    "search_units": "rerank_search",
    "images": "image",
    "classifications": "classification",
}


def read(usage: Json) -> Reading:
    """Read `Usage` of v2 or `meta` of v1 (cohere-python types/usage.py, api_meta.py)."""
    billed = part(usage, "billed_units")
    if all(value is None for value in billed.values()):
        billed = part(usage, "tokens")
    given, cached = whole(billed, "input_tokens"), count(usage, "cached_tokens")
    quantities = {
        "input_tokens": rest(given, cached),
        "cache_read_tokens": cached,
        "input_image_tokens": whole(billed, "image_tokens"),
        "output_tokens": whole(billed, "output_tokens"),
    }
    units = [
        Part({"units": millionths(billed, name)}, unit=unit)
        for name, unit in _UNITS.items()
        if billed.get(name)
    ]
    tokens = [Part(quantities)] if any(quantities.values()) or not units else []
    return Reading([*tokens, *units], bucket_mismatch=cached > given)


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("billed_units", "tokens"),
)
