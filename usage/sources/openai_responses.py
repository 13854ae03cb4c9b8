"""OpenAI responses: input includes cache read and write, output includes reasoning."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import count, differs, part, rest, tier


def read(usage: Json) -> Reading:
    """Make `ResponseUsage` disjoint (openai-python types/responses/response_usage.py)."""
    sent, made = part(usage, "input_tokens_details"), part(usage, "output_tokens_details")
    given, written_out = count(usage, "input_tokens"), count(usage, "output_tokens")
    cached, written = count(sent, "cached_tokens"), count(sent, "cache_write_tokens")
    reasoning = count(made, "reasoning_tokens")
    quantities = {
        "input_tokens": rest(given, cached, written),
        "cache_read_tokens": cached,
        "cache_write_tokens": written,
        "output_tokens": written_out,
        "reasoning_tokens": reasoning,
    }
    return Reading(
        [Part(quantities, service_tier=tier(usage))],
        bucket_mismatch=cached + written > given or reasoning > written_out,
        total_mismatch=differs(usage, "total_tokens", given + written_out),
    )


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("input_tokens", "output_tokens"),
)
