"""Wrap clients of openai, anthropic and together: one object, or their classes."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple, Optional

from tknops_sdk._wrap import anthropic_answers, openai_answers
from tknops_sdk._wrap.requests import ApiOf, ProviderOf, observed_request, observed_retry

_SEAMS = (("request", observed_request), ("_sleep_for_retry", observed_retry))
_HOSTS = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure",
    "cognitiveservices.azure.com": "azure",
    "services.ai.azure.com": "azure",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "x-ai",
    "openrouter.ai": "openrouter",
    "api.fireworks.ai": "fireworks",
    "api.mistral.ai": "mistral",
    "api.perplexity.ai": "perplexity",
    "api.cerebras.ai": "cerebras",
    "api.moonshot.ai": "moonshotai",
    "generativelanguage.googleapis.com": "google",
}
_NAMES = (("Azure", "azure"), ("Foundry", "azure"), ("Bedrock", "aws"), ("Vertex", "google"))


def _provider(client: Any, usual: str) -> str:
    """Return who is called: by the kind of client, then by its address."""
    kind = type(client).__name__
    for part, provider in _NAMES:
        if part in kind:
            return provider
    host = str(getattr(getattr(client, "base_url", None), "host", "") or "")
    for known, provider in _HOSTS.items():
        if host == known or host.endswith(f".{known}"):
            return provider
    return usual


class Family(NamedTuple):
    """A package, its classes, and how its requests are read."""

    package: str
    classes: tuple[str, ...]
    api_of: ApiOf
    provider_of: ProviderOf

    def owns(self, client: Any) -> bool:
        """Tell whether a client is of this family, also one of a class derived from it."""
        return any(
            base.__module__.split(".", 1)[0] == self.package and hasattr(base, "request")
            for base in type(client).__mro__
        )

    def wrap(self, client: Any, provider: Optional[str], stream_usage: Any) -> Any:
        """Observe one client and the copies made of it."""
        if provider is not None:
            client._tknops_provider = provider
        if stream_usage is not None:
            client._tknops_stream_usage = stream_usage
        if "request" in vars(client):
            return client
        for name, observed in _SEAMS:
            seam = getattr(client, name, None)
            if seam is not None:
                setattr(client, name, observed(seam, client, self.api_of, self.provider_of))
        for name in ("copy", "with_options"):
            made = getattr(client, name, None)
            if made is not None:
                setattr(client, name, self._wrapping(made, provider, stream_usage))
        return client

    def _wrapping(self, copy: Any, provider: Optional[str], stream_usage: Any) -> Any:
        @functools.wraps(copy)
        def copied(*args: Any, **kwargs: Any) -> Any:
            return self.wrap(copy(*args, **kwargs), provider, stream_usage)

        return copied

    def instrument(self, module: Any) -> list[tuple[type, str, Any]]:
        """Observe every client there is and will be; return what was replaced."""
        replaced: list[tuple[type, str, Any]] = []
        for name in self.classes:
            kind = getattr(module, name, None)
            if kind is None:
                continue
            for seam, observed in _SEAMS:
                function = getattr(kind, seam, None)
                if function is not None:
                    replaced.append((kind, seam, vars(kind).get(seam)))
                    setattr(kind, seam, observed(function, None, self.api_of, self.provider_of))
        return replaced


FAMILIES = (
    Family(
        "openai", ("OpenAI", "AsyncOpenAI"), openai_answers.api_of,
        functools.partial(_provider, usual="openai"),
    ),
    Family(
        "anthropic",
        (
            "Anthropic", "AsyncAnthropic", "AnthropicBedrock", "AsyncAnthropicBedrock",
            "AnthropicVertex", "AsyncAnthropicVertex", "AnthropicFoundry", "AsyncAnthropicFoundry",
        ),
        anthropic_answers.api_of,
        functools.partial(_provider, usual="anthropic"),
    ),
    Family(
        "together", ("Together", "AsyncTogether"), openai_answers.api_of,
        functools.partial(_provider, usual="together"),
    ),
)  # fmt: skip
