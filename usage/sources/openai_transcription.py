"""OpenAI transcription: billed by tokens or by seconds of audio, as the model is."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.openai_modalities import given
from usage.sources.reading import count, differs, millionths, part


def read(usage: Json) -> Reading:
    """Read the union of `Usage` (openai-python types/audio/transcription.py)."""
    if usage.get("seconds") is not None:
        return Reading([Part({"units": millionths(usage, "seconds")}, unit="second")])
    total_in, written_out = count(usage, "input_tokens"), count(usage, "output_tokens")
    inputs, bad = given(total_in, part(usage, "input_token_details"))
    return Reading(
        [Part({**inputs, "output_tokens": written_out})],
        bucket_mismatch=bad,
        total_mismatch=differs(usage, "total_tokens", total_in + written_out),
    )


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("input_tokens", "output_tokens", "seconds"),
)
