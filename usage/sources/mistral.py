"""Mistral: input includes cache read, output includes reasoning; audio and pages by unit."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import MILLION, count, differs, millionths, part, rest, tier


def read(usage: Json) -> Reading:
    """Make `UsageInfo` disjoint (mistralai models/usageinfo.py, conversationusageinfo.py).

    Tokens that connectors add are billed as input; each search of theirs by use.
    """
    prompt, made = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    details = part(usage, "prompt_tokens_details") or part(usage, "prompt_token_details")
    cached = count(details, "cached_tokens") or count(usage, "num_cached_tokens")
    audio, connected = count(details, "audio_tokens"), count(usage, "connector_tokens")
    quantities = {
        "input_tokens": rest(prompt, cached, audio) + connected,
        "cache_read_tokens": cached,
        "input_audio_tokens": audio,
        "output_tokens": made,
    }
    seconds = millionths(usage, "prompt_audio_seconds")
    return Reading(
        [Part(quantities, service_tier=tier(usage)), *_by_unit(usage, seconds)],
        bucket_mismatch=cached + audio > prompt,
        # The total counts the audio as tokens too, which are billed by the second.
        total_mismatch=not seconds and differs(usage, "total_tokens", prompt + made + connected),
    )


def _by_unit(usage: Json, seconds: int) -> list[Part]:
    parts = [Part({"units": seconds}, unit="second")] if seconds else []
    searches = count(part(usage, "connectors"), "web_search")
    searches += count(part(usage, "connectors"), "web_search_premium")
    if searches:
        parts.append(Part({"units": searches * MILLION}, unit="search", service_tier=""))
    return parts


def read_pages(usage: Json) -> Reading:
    """Read `OCRUsageInfo` (mistralai models/ocrusageinfo.py)."""
    return Reading([Part({"units": count(usage, "pages_processed") * MILLION}, unit="page")])


def read_audio(usage: Json) -> Reading:
    """Read the usage of a transcription: only its seconds are billed."""
    return Reading([Part({"units": millionths(usage, "prompt_audio_seconds")}, unit="second")])


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("prompt_tokens", "completion_tokens"),
)
PAGES = Adapter(
    read_pages,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("pages_processed",),
)
AUDIO = Adapter(
    read_audio,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("prompt_audio_seconds",),
)
