"""OpenAI embeddings: input only."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import count, differs, tier


def read(usage: Json) -> Reading:
    """Read `Usage` of an embedding (openai-python types/create_embedding_response.py)."""
    given = count(usage, "prompt_tokens")
    return Reading(
        [Part({"input_tokens": given}, service_tier=tier(usage))],
        total_mismatch=differs(usage, "total_tokens", given),
    )


ADAPTER = Adapter(
    read,
    input_includes_cache_read=True,
    input_includes_cache_write=True,
    output_includes_reasoning=True,
    fields=("prompt_tokens", "total_tokens"),
)
