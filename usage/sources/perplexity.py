"""Perplexity: reasoning, citations and searches are billed beside the tokens, by use."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import MILLION, count, differs, tier

_UNITS = {
    "reasoning_tokens": "reasoning_token",
    "citation_tokens": "citation_token",
    "num_search_queries": "search",
}
# The fee per request depends on how much was searched; the catalogue states the highest one.
_REQUESTS = {"low": "request_low", "medium": "request_medium", "high": "request"}


def read(usage: Json) -> Reading:
    """Read the usage of Sonar (docs.perplexity.ai, chat completions and pricing).

    Deep research tells its searches, the other models how much context they searched for.
    """
    prompt, made = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    units = [
        Part({"units": found * MILLION}, unit=unit)
        for name, unit in _UNITS.items()
        if (found := count(usage, name))
    ]
    searched = tier(usage, "search_context_size")
    if searched in _REQUESTS and not count(usage, "num_search_queries"):
        units.append(Part({"units": MILLION}, unit=_REQUESTS[searched]))
    return Reading(
        [Part({"input_tokens": prompt, "output_tokens": made}), *units],
        total_mismatch=differs(usage, "total_tokens", prompt + made),
    )


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=False,
    fields=("prompt_tokens", "completion_tokens"),
)
