"""Gemini and Vertex: input includes the cached content, output leaves out the thoughts."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.gemini_modalities import by_modality, camel
from usage.sources.reading import count, differs, model_name, text

_OUTPUT = {
    "TEXT": "output_tokens",
    "AUDIO": "output_audio_tokens",
    "IMAGE": "output_image_tokens",
    "VIDEO": "output_video_tokens",
}
_INPUT = {
    "TEXT": "input_tokens",
    "AUDIO": "input_audio_tokens",
    "IMAGE": "input_image_tokens",
    "VIDEO": "input_video_tokens",
}
_CACHED = {
    "TEXT": "cache_read_tokens",
    "AUDIO": "cache_read_audio_tokens",
    "IMAGE": "cache_read_image_tokens",
}
# Capacity paid ahead has no price per token: a tier of its own keeps it off the list price.
_TRAFFIC = {
    "on_demand": "on_demand",
    "on_demand_priority": "priority",
    "on_demand_flex": "flex",
    "provisioned_throughput": "provisioned_throughput",
}


def read(usage: Json) -> Reading:
    """Make `UsageMetadata` disjoint (python-genai types.py; REST and Python spelling, Live too)."""
    usage = camel(usage)
    prompt, cached = count(usage, "promptTokenCount"), count(usage, "cachedContentTokenCount")
    made = count(usage, "candidatesTokenCount") or count(usage, "responseTokenCount")
    thoughts, tools = count(usage, "thoughtsTokenCount"), count(usage, "toolUsePromptTokenCount")
    sent, bad_sent = by_modality(usage, "promptTokensDetails", prompt)
    held, bad_held = by_modality(usage, "cacheTokensDetails", cached)
    used, bad_used = by_modality(usage, "toolUsePromptTokensDetails", tools)
    answer = "candidatesTokensDetails" if "candidatesTokensDetails" in usage else None
    written, bad_written = by_modality(usage, answer or "responseTokensDetails", made)
    quantities = dict.fromkeys((*_INPUT.values(), *_CACHED.values(), *_OUTPUT.values()), 0)
    bad_cache = False
    for modality, name in _INPUT.items():
        left = sent[modality] - held[modality]
        bad_cache |= left < 0
        quantities[name] = max(0, left) + used[modality]
        quantities[_CACHED.get(modality, "cache_read_tokens")] += held[modality]
        quantities[_OUTPUT[modality]] = written[modality]
    quantities["output_tokens"] += thoughts
    return Reading(
        [
            Part(
                {**quantities, "reasoning_tokens": thoughts},
                model=model_name(usage, "modelVersion"),
                service_tier=_tier(usage),
            )
        ],
        bucket_mismatch=any((bad_sent, bad_held, bad_used, bad_written, bad_cache)),
        total_mismatch=differs(usage, "totalTokenCount", prompt + made + tools + thoughts),
    )


def _tier(usage: Json) -> str | None:
    said = (text(usage, "trafficType") or text(usage, "serviceTier") or "").lower()
    if said.endswith("unspecified"):
        return None
    return _TRAFFIC.get(said, said) or None


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=False,
    output_includes_reasoning=False,
    fields=(
        "promptTokenCount",
        "candidatesTokenCount",
        "responseTokenCount",
        "totalTokenCount",
        "prompt_token_count",
        "candidates_token_count",
        "response_token_count",
        "total_token_count",
    ),
)
