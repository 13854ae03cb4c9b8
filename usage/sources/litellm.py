"""LiteLLM's usage object: OpenAI's, with every provider's cache folded into the prompt."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import count, part, rest, tier


def read(usage: Json) -> Reading:
    """Make `Usage` disjoint (litellm types/utils.py): Anthropic's cache fields stand beside."""
    sent, made = part(usage, "prompt_tokens_details"), part(usage, "completion_tokens_details")
    prompt, completion = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    cached = count(sent, "cached_tokens") or count(usage, "cache_read_input_tokens")
    written = (
        count(sent, "cache_creation_tokens")
        or count(usage, "cache_creation_input_tokens")
        or count(sent, "cache_write_tokens")
    )
    hour = count(part(sent, "cache_creation_token_details"), "ephemeral_1h_input_tokens")
    audio_in, image_in = count(sent, "audio_tokens"), count(sent, "image_tokens")
    audio_out, image_out = count(made, "audio_tokens"), count(made, "image_tokens")
    reasoning = count(made, "reasoning_tokens")
    quantities = {
        "input_tokens": rest(prompt, cached, written, audio_in, image_in),
        "cache_read_tokens": cached,
        "cache_write_tokens": rest(written, hour),
        "cache_write_1h_tokens": hour,
        "input_audio_tokens": audio_in,
        "input_image_tokens": image_in,
        "output_tokens": rest(completion, audio_out, image_out),
        "output_audio_tokens": audio_out,
        "output_image_tokens": image_out,
        "reasoning_tokens": reasoning,
    }
    return Reading(
        [Part(quantities, service_tier=tier(usage))],
        bucket_mismatch=cached + written + audio_in + image_in > prompt
        or max(reasoning, audio_out + image_out) > completion
        or hour > written,
        total_mismatch=usage.get("total_tokens") is not None
        and count(usage, "total_tokens") != prompt + completion,
    )


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("prompt_tokens", "completion_tokens", "total_tokens"),
)
