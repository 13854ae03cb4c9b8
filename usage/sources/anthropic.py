"""Anthropic messages: the four input classes are disjoint already, output includes thinking."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import MILLION, count, model_name, objects, part, rest, tier

_ORDINARY = frozenset({None, "standard", "default"})


def read(usage: Json) -> Reading:
    """Read `Usage` and its beta fields (anthropic-sdk-python types/usage.py, types/beta).

    Where the call ran in iterations, they are what is billed, each on its own model and against
    its own context size: the fields beside them leave out compactions, advisors, refused
    attempts, and the input of every turn but the first.
    """
    service_tier, region = _tier(usage), _region(usage)
    thinking = count(part(usage, "output_tokens_details"), "thinking_tokens")
    steps = list(objects(usage, "iterations")) or [usage]
    calls = []
    for step in steps:
        quantities = _quantities(step)
        told = min(thinking, quantities["output_tokens"])
        thinking -= told
        quantities["reasoning_tokens"] = told
        model = None if step is usage else model_name(step, "model")
        calls.append(Part(quantities, model=model, service_tier=service_tier, region=region))
    written_out = sum(call.quantities["output_tokens"] for call in calls)
    return Reading(
        [*calls, *_server_tools(part(usage, "server_tool_use"), region)],
        bucket_mismatch=thinking > 0 or any(map(_writes_differ, (usage, *steps))),
        total_mismatch=count(usage, "output_tokens") > written_out,
    )


def _quantities(step: Json) -> dict[str, int]:
    split = part(step, "cache_creation")
    hour, minutes = (count(split, f"ephemeral_{ttl}_input_tokens") for ttl in ("1h", "5m"))
    return {
        "input_tokens": count(step, "input_tokens"),
        "cache_read_tokens": count(step, "cache_read_input_tokens"),
        "cache_write_tokens": max(rest(count(step, "cache_creation_input_tokens"), hour), minutes),
        "cache_write_1h_tokens": hour,
        "output_tokens": count(step, "output_tokens"),
    }


def _writes_differ(step: Json) -> bool:
    """Tell whether the writes by time to live differ from their stated total."""
    split = part(step, "cache_creation")
    if not split:
        return False
    parts = count(split, "ephemeral_5m_input_tokens") + count(split, "ephemeral_1h_input_tokens")
    return parts != count(step, "cache_creation_input_tokens")


def _server_tools(used: Json, region: str | None) -> list[Part]:
    """Searches are billed by use, whatever the tier; fetches cost nothing beside their tokens."""
    searches = count(used, "web_search_requests")
    if not searches:
        return []
    return [Part({"units": searches * MILLION}, unit="search", service_tier="", region=region)]


def _tier(usage: Json) -> str | None:
    """Join speed and tier: fast mode has prices of its own."""
    said = tier(usage)
    if tier(usage, "speed") != "fast":
        return said
    return "fast" if said in _ORDINARY else f"{said}-fast"


def _region(usage: Json) -> str | None:
    said = tier(usage, "inference_geo")
    return "" if said in {"global", "not_available"} else said


ADAPTER = Adapter(
    read,
    input_includes_cache_read=False,
    input_includes_cache_write=False,
    output_includes_reasoning=True,
    fields=("input_tokens", "output_tokens"),
)
