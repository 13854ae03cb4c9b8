"""OpenAI realtime: totals include the cached part, which is told by modality."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.openai_modalities import given, made
from usage.sources.reading import count, differs, part, tier


def read(usage: Json) -> Reading:
    """Make the usage of `response.done` disjoint.

    Source: openai-python types/realtime/realtime_response_usage.py (singular `token_details`).
    """
    total_in, total_out = count(usage, "input_tokens"), count(usage, "output_tokens")
    inputs, bad_in = given(total_in, part(usage, "input_token_details"))
    outputs, bad_out = made(total_out, part(usage, "output_token_details"))
    return Reading(
        [Part({**inputs, **outputs}, service_tier=tier(usage))],
        bucket_mismatch=bad_in or bad_out,
        total_mismatch=differs(usage, "total_tokens", total_in + total_out),
    )


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("input_tokens", "output_tokens"),
)
