"""Bedrock Converse: the four input classes are disjoint already, output includes reasoning."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import count, differs, objects, part, rest, text, tier

_HOUR = "1h"


def read(usage: Json) -> Reading:
    """Read `TokenUsage` (botocore bedrock-runtime service-2.json), in both spellings met.

    `serviceTier` and `performanceConfig` stand beside it in a response; they are read where the
    sender puts them in.
    """
    read_, written = _either(usage, "cacheReadInputToken"), _either(usage, "cacheWriteInputToken")
    details = list(objects(usage, "cacheDetails"))
    told = sum(count(one, "inputTokens") for one in details)
    hour = sum(count(one, "inputTokens") for one in details if text(one, "ttl") == _HOUR)
    quantities = {
        "input_tokens": count(usage, "inputTokens"),
        "cache_read_tokens": read_,
        "cache_write_tokens": rest(max(written, told), hour),
        "cache_write_1h_tokens": hour,
        "output_tokens": count(usage, "outputTokens"),
    }
    return Reading(
        [Part(quantities, service_tier=_tier(usage))],
        bucket_mismatch=bool(details) and told != written,
        total_mismatch=differs(usage, "totalTokens", sum(quantities.values())),
    )


def _either(usage: Json, name: str) -> int:
    return count(usage, f"{name}s") or count(usage, f"{name}Count")


def _tier(usage: Json) -> str | None:
    """Return the tier; latency-optimised inference has prices of its own."""
    if tier(part(usage, "performanceConfig"), "latency") == "optimized":
        return "latency-optimized"
    if isinstance(usage.get("serviceTier"), dict):
        return tier(part(usage, "serviceTier"), "type")
    return tier(usage, "serviceTier")


ADAPTER = Adapter(
    read,
    input_includes_cache_read=False,
    input_includes_cache_write=False,
    output_includes_reasoning=True,
    fields=("inputTokens", "outputTokens"),
)
