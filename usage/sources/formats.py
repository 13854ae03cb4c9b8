"""The names accepted as `usage_format`, and the adapter each stands for."""

from usage.sources import (
    anthropic,
    bedrock,
    cohere,
    gemini,
    langchain,
    langfuse,
    litellm,
    mistral,
    openai_chat,
    openai_embeddings,
    openai_images,
    openai_realtime,
    openai_responses,
    openai_transcription,
    otel,
    perplexity,
)
from usage.sources.adapter import Adapter
from usage.sources.batch import in_batch

MAIN_FORMATS: dict[str, Adapter] = {
    "openai.chat": openai_chat.ADAPTER,
    "openai.responses": openai_responses.ADAPTER,
    "openai.embeddings": openai_embeddings.ADAPTER,
    "openai.images": openai_images.ADAPTER,
    "openai.transcription": openai_transcription.ADAPTER,
    "openai.realtime": openai_realtime.ADAPTER,
    "anthropic": anthropic.ADAPTER,
    "gemini": gemini.ADAPTER,
    "bedrock": bedrock.ADAPTER,
    "mistral": mistral.ADAPTER,
    "mistral.ocr": mistral.PAGES,
    "mistral.transcription": mistral.AUDIO,
    "cohere": cohere.ADAPTER,
    "perplexity": perplexity.ADAPTER,
    "langchain": langchain.ADAPTER,
    "langfuse": langfuse.ADAPTER,
    "litellm": litellm.ADAPTER,
    "otel": otel.ADAPTER,
}
_BATCHES = (
    "openai.chat",
    "openai.responses",
    "openai.embeddings",
    "anthropic",
    "gemini",
    "mistral",
    "mistral.ocr",
)
# Other names of the same object.
_ALIASES = {
    "openai.completions": "openai.chat",
    "azure.openai": "openai.chat",
    "azure.openai.chat": "openai.chat",
    "azure.openai.responses": "openai.responses",
    "azure.openai.embeddings": "openai.embeddings",
    "anthropic.messages": "anthropic",
    "vertex": "gemini",
    "bedrock.converse": "bedrock",
    "mistral.chat": "mistral",
    "cohere.chat": "cohere",
}

FORMATS: dict[str, Adapter] = {
    **MAIN_FORMATS,
    **{f"{name}.batch": in_batch(MAIN_FORMATS[name]) for name in _BATCHES},
    **{alias: MAIN_FORMATS[name] for alias, name in _ALIASES.items()},
}
