"""One adapter per usage format: the provider's object → disjoint canonical quantities."""

from typing import Any, Protocol

from usage.sources import anthropic, openai_chat, openai_responses


class Adapter(Protocol):
    """What each module of this package offers."""

    INPUT_INCLUDES_CACHE: bool
    OUTPUT_INCLUDES_REASONING: bool

    @staticmethod
    def normalise(usage: dict[str, Any]) -> dict[str, int]:
        """Return disjoint quantities; raises UsageFormatError."""

    @staticmethod
    def mismatch(usage: dict[str, Any]) -> bool:
        """Tell whether the object contradicts itself."""


FORMATS: dict[str, Adapter] = {
    "openai.chat": openai_chat,
    "openai.responses": openai_responses,
    "anthropic": anthropic,
}
