"""OpenTelemetry GenAI usage, as named after `gen_ai.usage.`: input includes the cache."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import rest, whole

_FIELDS = (
    "input_tokens", "output_tokens", "total_tokens", "cache_read.input_tokens",
    "cache_creation.input_tokens", "cache_creation.1h.input_tokens",
    "reasoning.output_tokens", "audio.input_tokens", "image.input_tokens",
    "video.input_tokens", "audio.output_tokens", "image.output_tokens",
)  # fmt: skip
_NOTHING = (0,) * len(_FIELDS)


def read(usage: Json) -> Reading:
    """Make the attributes of a span disjoint (semantic-conventions-genai, registry gen-ai).

    Where the cached and otherwise priced parts exceed the input, the emitter counted them beside
    it (instrumentations of providers with disjoint classes do): the input is then taken as the
    rest, and flagged.
    """
    stated = {name: whole(usage, name) for name in _FIELDS if name in usage}
    (
        given,
        made,
        _,
        cached,
        written,
        hour,
        reasoning,
        audio_in,
        image_in,
        video_in,
        audio_out,
        image_out,
    ) = map(stated.get, _FIELDS, _NOTHING)
    priced_apart = (cached, written, audio_in, image_in, video_in)
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
        total_mismatch="total_tokens" in stated and stated["total_tokens"] != given + made,
    )


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=_FIELDS,
)
