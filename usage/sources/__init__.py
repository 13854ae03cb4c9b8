"""One adapter per usage format: the provider's object → disjoint canonical quantities."""

from usage.sources import anthropic, langfuse, litellm, openai_chat, openai_responses, otel
from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.reading import UsageFormatError

FORMATS: dict[str, Adapter] = {
    "openai.chat": openai_chat.ADAPTER,
    "openai.responses": openai_responses.ADAPTER,
    "anthropic": anthropic.ADAPTER,
    "langfuse": langfuse.ADAPTER,
    "litellm": litellm.ADAPTER,
    "otel": otel.ADAPTER,
}

__all__ = ["FORMATS", "Adapter", "Json", "Part", "Reading", "UsageFormatError"]
