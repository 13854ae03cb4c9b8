"""OpenTelemetry GenAI usage, as named after `gen_ai.usage.`: input includes the cache."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import rest, whole


def read(usage: Json) -> Reading:
    """Make the attributes of a span disjoint (semantic-conventions-genai, registry gen-ai).

    Where the cached and otherwise priced parts exceed the input, the emitter counted them beside
    it (instrumentations of providers with disjoint classes do): the input is then taken as the
    rest, and flagged.
    """
    given, made = whole(usage, "input_tokens"), whole(usage, "output_tokens")
    cached = whole(usage, "cache_read.input_tokens")
    written = whole(usage, "cache_creation.input_tokens")
    hour = whole(usage, "cache_creation.1h.input_tokens")
    audio_in, image_in = whole(usage, "audio.input_tokens"), whole(usage, "image.input_tokens")
    video_in = whole(usage, "video.input_tokens")
    priced_apart = (cached, written, audio_in, image_in, video_in)
    audio_out, image_out = whole(usage, "audio.output_tokens"), whole(usage, "image.output_tokens")
    reasoning = whole(usage, "reasoning.output_tokens")
    beside = sum(priced_apart) > given
    quantities = {
        "input_tokens": given if beside else rest(given, *priced_apart),
        "cache_read_tokens": cached,
        "cache_write_tokens": rest(written, hour),
        "cache_write_1h_tokens": hour,
        "input_audio_tokens": audio_in,
        "input_image_tokens": image_in,
        "input_video_tokens": video_in,
        "output_tokens": rest(made, audio_out, image_out),
        "output_audio_tokens": audio_out,
        "output_image_tokens": image_out,
        "reasoning_tokens": reasoning,
    }
    return Reading(
        [Part(quantities)],
        bucket_mismatch=beside or max(reasoning, audio_out + image_out) > made or hour > written,
        total_mismatch="total_tokens" in usage and whole(usage, "total_tokens") != given + made,
    )


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=(
        "input_tokens", "output_tokens", "total_tokens", "cache_read.input_tokens",
        "cache_creation.input_tokens", "cache_creation.1h.input_tokens",
        "reasoning.output_tokens", "audio.input_tokens", "image.input_tokens",
        "video.input_tokens", "audio.output_tokens", "image.output_tokens",
    ),
)  # fmt: skip
