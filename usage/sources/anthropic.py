"""Anthropic messages: the four input classes are disjoint already, output includes thinking."""

from typing import Any

from usage.sources.reading import count, part

INPUT_INCLUDES_CACHE = False
OUTPUT_INCLUDES_REASONING = True


def normalise(usage: dict[str, Any]) -> dict[str, int]:
    """Read `Usage` (anthropic-sdk-python types/usage.py): writes split by time to live."""
    written = count(usage, "cache_creation_input_tokens")
    hour = count(part(usage, "cache_creation"), "ephemeral_1h_input_tokens")
    return {
        "input_tokens": count(usage, "input_tokens"),
        "cache_read_tokens": count(usage, "cache_read_input_tokens"),
        "cache_write_tokens": max(0, written - hour),
        "cache_write_1h_tokens": hour,
        "output_tokens": count(usage, "output_tokens"),
        "reasoning_tokens": count(part(usage, "output_tokens_details"), "thinking_tokens"),
    }


def mismatch(usage: dict[str, Any]) -> bool:
    """Tell whether the writes by time to live differ from their stated total."""
    split = part(usage, "cache_creation")
    if not split:
        return False
    parts = count(split, "ephemeral_5m_input_tokens") + count(split, "ephemeral_1h_input_tokens")
    return parts != count(usage, "cache_creation_input_tokens")
