"""One adapter per usage format: the provider's object → disjoint canonical quantities."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from usage.sources import anthropic, openai_chat, openai_responses


@dataclass(frozen=True, slots=True)
class Adapter:
    """One format: how to make it disjoint and how to tell that it contradicts itself.

    `normalise` raises UsageFormatError where a count is none.
    """

    normalise: Callable[[dict[str, Any]], dict[str, int]]
    mismatch: Callable[[dict[str, Any]], bool]


FORMATS: dict[str, Adapter] = {
    "openai.chat": Adapter(openai_chat.normalise, openai_chat.mismatch),
    "openai.responses": Adapter(openai_responses.normalise, openai_responses.mismatch),
    "anthropic": Adapter(anthropic.normalise, anthropic.mismatch),
}
