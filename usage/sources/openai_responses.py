"""OpenAI responses: input includes cache read and write, output includes reasoning."""

from typing import Any

from usage.sources.reading import count, part, rest

INPUT_INCLUDES_CACHE = True
OUTPUT_INCLUDES_REASONING = True


def normalise(usage: dict[str, Any]) -> dict[str, int]:
    """Make `ResponseUsage` disjoint (openai-python types/responses/response_usage.py)."""
    sent, made = part(usage, "input_tokens_details"), part(usage, "output_tokens_details")
    cached, written = count(sent, "cached_tokens"), count(sent, "cache_write_tokens")
    return {
        "input_tokens": rest(count(usage, "input_tokens"), cached, written),
        "cache_read_tokens": cached,
        "cache_write_tokens": written,
        "output_tokens": count(usage, "output_tokens"),
        "reasoning_tokens": count(made, "reasoning_tokens"),
    }


def mismatch(usage: dict[str, Any]) -> bool:
    """Tell whether the parts exceed the total they belong to."""
    sent, made = part(usage, "input_tokens_details"), part(usage, "output_tokens_details")
    cached = count(sent, "cached_tokens") + count(sent, "cache_write_tokens")
    return cached > count(usage, "input_tokens") or count(made, "reasoning_tokens") > count(
        usage, "output_tokens"
    )
