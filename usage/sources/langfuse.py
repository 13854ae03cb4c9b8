"""Langfuse usage details: exclusive by convention, each key its own class."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import whole

# The keys its price file uses (packages/shared, default model prices), by canonical class.
_KEYS = {
    "input_tokens": ("input", "input_tokens", "prompt_tokens", "promptTokens", "input_text",
                     "prompt_token_count", "promptTokenCount"),
    "cache_read_tokens": ("input_cached_tokens", "input_cache_read", "cache_read_input_tokens",
                          "cached_content_token_count"),
    "cache_write_tokens": ("input_cache_creation", "input_cache_creation_5m",
                           "cache_creation_input_tokens", "cache_write_tokens"),
    "cache_write_1h_tokens": ("input_cache_creation_1h",),
    "input_audio_tokens": ("input_audio", "input_audio_tokens"),
    "input_image_tokens": ("input_image", "input_image_tokens"),
    "output_audio_tokens": ("output_audio", "output_audio_tokens"),
    "output_image_tokens": ("output_image", "output_image_tokens"),
}  # fmt: skip
_OUTPUT = ("output", "output_tokens", "completion_tokens", "completionTokens", "output_text",
           "candidates_token_count")  # fmt: skip
_REASONING = ("output_reasoning", "output_reasoning_tokens", "reasoning_tokens",
              "thoughts_token_count")  # fmt: skip


def read(usage: Json) -> Reading:
    """Join the reasoning, which Langfuse takes out of the output, to it again."""
    quantities = {name: _sum(usage, keys) for name, keys in _KEYS.items()}
    reasoning = _sum(usage, _REASONING)
    quantities["output_tokens"] = _sum(usage, _OUTPUT) + reasoning
    said = sum(quantities.values())
    total = usage.get("total") is not None and whole(usage, "total") != said
    quantities["reasoning_tokens"] = reasoning
    return Reading([Part(quantities)], total_mismatch=total)


def _sum(usage: Json, keys: tuple[str, ...]) -> int:
    return sum(whole(usage, key) for key in keys)


ADAPTER = Adapter(
    read,
    input_includes_cache_read=False,
    input_includes_cache_write=False,
    output_includes_reasoning=False,
    fields=(*_KEYS["input_tokens"], *_OUTPUT, *_REASONING, *_KEYS["cache_read_tokens"]),
)
