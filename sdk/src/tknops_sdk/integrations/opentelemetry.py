"""OpenTelemetry: `provider.add_span_processor(TknopsSpanProcessor())`, for who has spans already.

Records inference spans of any instrumentation, and writes the attribution that holds on every
span, as `tknops.customer` …, so that traces exported elsewhere name it too.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Optional

from tknops_sdk._attribution import Frame, current, framed, from_metadata
from tknops_sdk._client import CLIENT, guarded
from tknops_sdk._wrap import is_told

_REMEMBERED = 10_000
_ERROR = 2
_NAMES = {
    "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"),
    "model": (
        "gen_ai.response.model", "llm.response.model_name", "gen_ai.request.model",
        "llm.model_name", "llm.request.model_name", "embedding.model_name",
    ),
    "operation": (
        "gen_ai.operation.name", "openinference.span.kind", "llm.request.type",
        "traceloop.span.kind",
    ),
    "service_tier": ("openai.response.service_tier", "gen_ai.openai.response.service_tier"),
    "response": ("gen_ai.response.id",),
}  # fmt: skip
_USAGE = {
    "input_tokens": (
        "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
        "llm.usage.prompt_tokens",
    ),
    "output_tokens": (
        "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
        "llm.token_count.completion", "llm.usage.completion_tokens",
    ),
    "cache_read.input_tokens": (
        "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cache_read_tokens", "llm.token_count.prompt_details.cache_read",
    ),
    "cache_creation.input_tokens": (
        "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.cache_write_tokens",
        "llm.token_count.prompt_details.cache_write",
    ),
    "reasoning.output_tokens": (
        "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
    ),
    "audio.input_tokens": (
        "gen_ai.usage.audio.input_tokens", "llm.token_count.prompt_details.audio",
    ),
    "audio.output_tokens": (
        "gen_ai.usage.audio.output_tokens", "llm.token_count.completion_details.audio",
    ),
}  # fmt: skip
_OPERATIONS = {"llm": "chat", "embedding": "embeddings", "completion": "text_completion"}
_CALLS = frozenset(
    ("chat", "text_completion", "generate_content", "embeddings", "rerank", "llm", "embedding",
     "completion", "reranker", "")
)  # fmt: skip
_WHO = ("customer", "feature", "user", "team", "environment")
_NAMED = {name: f"tknops.{name}" for name in _WHO}


class TknopsSpanProcessor:
    """A span processor without dependencies: it only needs spans to have attributes.

    Only the innermost span of a call counts: agents and chains repeat the usage below them.
    """

    def __init__(self, *, record: bool = True, attribute_spans: bool = True) -> None:
        """Say what to do: record inference spans, write the attribution on spans, or both."""
        self._records, self._attributes = record, attribute_spans
        self._told_below: OrderedDict[Any, None] = OrderedDict()

    @guarded
    def on_start(self, span: Any, parent_context: Any = None) -> None:
        """Write the attribution on the span."""
        frame = current()
        if frame is None or not self._attributes:
            return
        for name, attribute in _NAMED.items():
            if frame.fields.get(name):
                span.set_attribute(attribute, frame.fields[name])

    def _on_ending(self, span: Any) -> None:
        """Do nothing: an optional hook of newer versions."""

    @guarded
    def on_end(self, span: Any) -> None:
        """Record a span that is a call of a model."""
        attributes: Mapping[str, Any] = span.attributes or {}
        parent = getattr(span.parent, "span_id", None)
        own = getattr(span.context, "span_id", None)
        told_below = self._told_below.pop(own, self) is None
        told = told_below or (self._records and _record(span, attributes))
        if told and parent is not None:
            self._told_below[parent] = None
            if len(self._told_below) > _REMEMBERED:
                self._told_below.popitem(last=False)

    def shutdown(self) -> None:
        """Do nothing: the SDK ends by itself."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Do nothing: traces must not wait for the ledger."""
        return True


def _first(attributes: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        value = attributes.get(name)
        if value is not None:
            return value
    return None


def _record(span: Any, attributes: Mapping[str, Any]) -> bool:
    """Record a span if it is a model's call; tell whether it was."""
    said = {field: _first(attributes, names) for field, names in _NAMES.items()}
    operation = str(said["operation"] or "").lower()
    if said["model"] is None or operation not in _CALLS:
        return False
    usage = {
        name: value
        for name, value in ((field, _first(attributes, names)) for field, names in _USAGE.items())
        if type(value) is int
    }
    failed = getattr(getattr(span.status, "status_code", None), "value", 0) == _ERROR
    if not usage and not failed:
        return False
    if isinstance(said["response"], str) and is_told(said["response"], "spans"):
        return True
    call = (
        said["provider"] or "unknown", said["model"], "otel" if usage else None,
        _OPERATIONS.get(operation, operation) or None, "error" if failed else "ok",
        said["service_tier"], None,
    )  # fmt: skip
    CLIENT.record(call, usage or None, {}, _frame(attributes))
    return True


def _frame(attributes: Mapping[str, Any]) -> Optional[Frame]:
    """Return whose the span is: as written on it when it began, for it may end elsewhere."""
    return framed(from_metadata(attributes, _NAMED))


__all__ = ["TknopsSpanProcessor"]
