"""LangChain usage_metadata: totals include every part, but the details need not sum."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import count, differs, part, rest

# Prefix of the details' names → service tier; usage added up over calls may have several.
_TIERS = ("priority", "flex")


def read(usage: Json) -> Reading:
    """Make `UsageMetadata` disjoint (langchain-core messages/ai.py).

    Some integrations leave the reasoning out of `output_tokens`; their total tells.
    """
    sent, made = part(usage, "input_token_details"), part(usage, "output_token_details")
    given, written = count(usage, "input_tokens"), count(usage, "output_tokens")
    reasoning = count(made, "reasoning")
    if reasoning and count(usage, "total_tokens") == given + written + reasoning:
        written += reasoning
    tiered = [_tiered(sent, made, name) for name in _TIERS if _has(sent, made, name)]
    rest_in = given - sum(_input(found) for found in tiered)
    rest_out = written - sum(found.quantities["output_tokens"] for found in tiered)
    plain = _plain(sent, made, max(0, rest_in), max(0, rest_out))
    parts = [plain, *tiered] if any(plain.quantities.values()) or not tiered else tiered
    return Reading(
        parts,
        bucket_mismatch=rest_in < 0
        or rest_out < 0
        or sum(map(_input, parts)) != given
        or sum(map(_output, parts)) != written
        or any(
            found.quantities["reasoning_tokens"] > found.quantities["output_tokens"]
            for found in parts
        )
        or _writes_differ(sent),
        total_mismatch=differs(usage, "total_tokens", given + written),
    )


def _plain(sent: Json, made: Json, given: int, written: int) -> Part:
    cached, audio = count(sent, "cache_read"), count(sent, "audio")
    hour = count(sent, "ephemeral_1h_input_tokens")
    minutes = max(
        rest(count(sent, "cache_creation"), hour), count(sent, "ephemeral_5m_input_tokens")
    )
    audio_out = count(made, "audio")
    return Part(
        {
            "input_tokens": rest(given, cached, hour, minutes, audio),
            "cache_read_tokens": cached,
            "cache_write_tokens": minutes,
            "cache_write_1h_tokens": hour,
            "input_audio_tokens": audio,
            "output_tokens": rest(written, audio_out),
            "output_audio_tokens": audio_out,
            "reasoning_tokens": count(made, "reasoning"),
        }
    )


def _has(sent: Json, made: Json, name: str) -> bool:
    return any(key == name or key.startswith(f"{name}_") for key in (*sent, *made))


def _tiered(sent: Json, made: Json, name: str) -> Part:
    """Read one tier: its count leaves out the cached and the reasoning part beside it."""
    reasoning = count(made, f"{name}_reasoning")
    return Part(
        {
            "input_tokens": count(sent, name),
            "cache_read_tokens": count(sent, f"{name}_cache_read"),
            "cache_write_tokens": count(sent, f"{name}_cache_creation"),
            "output_tokens": count(made, name) + reasoning,
            "reasoning_tokens": reasoning,
        },
        service_tier=name,
    )


def _input(found: Part) -> int:
    return sum(
        value
        for name, value in found.quantities.items()
        if name not in {"output_tokens", "output_audio_tokens", "reasoning_tokens"}
    )


def _output(found: Part) -> int:
    return found.quantities["output_tokens"] + found.quantities.get("output_audio_tokens", 0)


def _writes_differ(sent: Json) -> bool:
    """Tell whether writes by time to live differ from their sum, which is 0 beside them."""
    stated = count(sent, "cache_creation")
    parts = count(sent, "ephemeral_1h_input_tokens") + count(sent, "ephemeral_5m_input_tokens")
    return bool(stated and parts and stated != parts)


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("input_tokens", "output_tokens"),
)
