"""OpenAI chat completions: input includes cache read and write, output includes reasoning."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import count, differs, part, rest, tier


def read(usage: Json) -> Reading:
    """Make `CompletionUsage` disjoint (openai-python types/completion_usage.py).

    Providers that speak the same format may count reasoning beside the completion (x-ai) or name
    the cache otherwise (deepseek); both show in the figures themselves.
    """
    sent, made = part(usage, "prompt_tokens_details"), part(usage, "completion_tokens_details")
    prompt, completion = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    cached, written = _cached(usage, sent), count(sent, "cache_write_tokens")
    audio_in, image_in = count(sent, "audio_tokens"), count(sent, "image_tokens")
    audio_out, reasoning = count(made, "audio_tokens"), count(made, "reasoning_tokens")
    if reasoning and count(usage, "total_tokens") == prompt + completion + reasoning:
        completion += reasoning
    quantities = {
        "input_tokens": rest(prompt, cached, written, audio_in, image_in),
        "cache_read_tokens": cached,
        "cache_write_tokens": written,
        "input_audio_tokens": audio_in,
        "input_image_tokens": image_in,
        "output_tokens": rest(completion, audio_out),
        "output_audio_tokens": audio_out,
        "reasoning_tokens": reasoning,
    }
    return Reading(
        [Part(quantities, service_tier=tier(usage))],
        bucket_mismatch=cached + written + audio_in + image_in > prompt
        or reasoning + audio_out > completion,
        total_mismatch=differs(usage, "total_tokens", prompt + completion),
    )


def _cached(usage: Json, sent: Json) -> int:
    """Read the cached tokens: deepseek and moonshot write them beside the details."""
    for where, name in (
        (sent, "cached_tokens"),
        (usage, "prompt_cache_hit_tokens"),
        (usage, "cached_tokens"),
    ):
        if cached := count(where, name):
            return cached
    return 0


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("prompt_tokens", "completion_tokens"),
)
