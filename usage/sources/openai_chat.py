"""OpenAI chat completions: input includes cache read and write, output includes reasoning."""

from typing import Any

from usage.sources.reading import count, part, rest

INPUT_INCLUDES_CACHE = True
OUTPUT_INCLUDES_REASONING = True


def normalise(usage: dict[str, Any]) -> dict[str, int]:
    """Make `CompletionUsage` disjoint (openai-python types/completion_usage.py)."""
    sent, made = part(usage, "prompt_tokens_details"), part(usage, "completion_tokens_details")
    cached, written = count(sent, "cached_tokens"), count(sent, "cache_write_tokens")
    audio_in, audio_out = count(sent, "audio_tokens"), count(made, "audio_tokens")
    image_in = count(sent, "image_tokens")
    return {
        "input_tokens": rest(count(usage, "prompt_tokens"), cached, written, audio_in, image_in),
        "cache_read_tokens": cached,
        "cache_write_tokens": written,
        "input_audio_tokens": audio_in,
        "input_image_tokens": image_in,
        "output_tokens": rest(count(usage, "completion_tokens"), audio_out),
        "output_audio_tokens": audio_out,
        "reasoning_tokens": count(made, "reasoning_tokens"),
    }


def mismatch(usage: dict[str, Any]) -> bool:
    """Tell whether the parts exceed the total they belong to."""
    sent, made = part(usage, "prompt_tokens_details"), part(usage, "completion_tokens_details")
    cached = count(sent, "cached_tokens") + count(sent, "cache_write_tokens")
    return cached > count(usage, "prompt_tokens") or count(made, "reasoning_tokens") > count(
        usage, "completion_tokens"
    )
