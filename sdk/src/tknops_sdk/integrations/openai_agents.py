"""OpenAI Agents: `add_trace_processor(TknopsProcessor())` records each model call of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Optional

from agents.tracing import TracingProcessor

from tknops_sdk._attribution import USUAL_NAMES, framed, from_metadata
from tknops_sdk._client import guarded
from tknops_sdk._wrap import Call

_REMEMBERED = 10_000


class TknopsProcessor(TracingProcessor):  # type: ignore[misc]
    """Reads usage and model of response and generation spans; metadata of the trace attributes.

    Beside a wrapped or instrumented OpenAI client a call counts once: the client's word holds.
    """

    def __init__(
        self,
        names: Optional[Mapping[str, Any]] = None,
        tags: Iterable[str] = (),
        provider: str = "openai",
    ) -> None:
        """Say where to look, and who answers."""
        self._names = {**USUAL_NAMES, **(names or {})}
        self._tags, self._provider = tuple(tags), provider
        self._traces: dict[str, dict[str, Any]] = {}

    @guarded
    def on_trace_start(self, trace: Any) -> None:
        """Note whose run it is."""
        metadata = getattr(trace, "metadata", None)
        found = from_metadata(metadata, self._names, self._tags)
        if found and len(self._traces) < _REMEMBERED:
            self._traces[trace.trace_id] = found

    @guarded
    def on_trace_end(self, trace: Any) -> None:
        """Forget it."""
        self._traces.pop(trace.trace_id, None)

    def on_span_start(self, span: Any) -> None:
        """Do nothing: usage stands at the end."""

    @guarded
    def on_span_end(self, span: Any) -> None:
        """Record a span that is a model's answer."""
        data = span.span_data
        if data.type not in {"response", "generation"}:
            return
        answer = getattr(data, "response", None)
        model = getattr(data, "model", None)
        call = Call(self._provider, model, "chat", "openai.responses", teller="agents")
        call.frame = framed(self._traces.get(span.trace_id, {}))
        if answer is not None:
            call.usage, call.model = answer.usage, answer.model
            call.response_id = answer.id
            if isinstance(answer.service_tier, str):
                call.said["service_tier"] = answer.service_tier
        else:
            call.usage = getattr(data, "usage", None)
        call.finish("error" if span.error else "ok")

    def shutdown(self) -> None:
        """Do nothing: the SDK ends by itself."""

    def force_flush(self) -> None:
        """Do nothing: tracing must not wait for the ledger."""


__all__ = ["TknopsProcessor"]
