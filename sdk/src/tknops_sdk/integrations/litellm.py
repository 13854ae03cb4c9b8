"""LiteLLM: `litellm.callbacks = [TknopsLogger()]` records calls of the library and the proxy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Optional

from litellm.integrations.custom_logger import CustomLogger

from tknops_sdk._attribution import USUAL_NAMES, Frame, current, from_metadata, merged
from tknops_sdk._client import CLIENT, guarded
from tknops_sdk._wrap import is_told

_REMEMBERED = 10_000
_OPERATIONS = {"completion": "chat", "responses": "chat", "anthropic_messages": "chat",
               "embedding": "embeddings", "text_completion": "text_completion"}  # fmt: skip


class TknopsLogger(CustomLogger):  # type: ignore[misc]
    """Reads usage, model, provider and cost of the logging payload; never messages.

    LiteLLM logs in other threads: the attribution is taken where the request is sent. `names` and
    `tags` say what of the call's `metadata` is attribution.
    """

    def __init__(self, names: Optional[Mapping[str, Any]] = None, tags: Iterable[str] = ()) -> None:
        """Say where to look."""
        super().__init__()
        self._names = {**USUAL_NAMES, **(names or {})}
        self._tags = tuple(tags)
        self._frames: OrderedDict[str, Frame] = OrderedDict()

    @guarded
    def log_pre_api_call(self, model: Any, messages: Any, kwargs: Any) -> None:
        """Remember the attribution of the caller; the messages are not looked at."""
        frame, name = current(), kwargs.get("litellm_call_id")
        if frame is not None and isinstance(name, str):
            self._frames[name] = frame
            if len(self._frames) > _REMEMBERED:
                self._frames.popitem(last=False)

    @guarded
    def log_success_event(
        self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Record a call."""
        self._record(kwargs, response_obj, failed=False)

    @guarded
    def log_failure_event(
        self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Record a call that failed."""
        self._record(kwargs, None, failed=True)

    async def async_log_success_event(
        self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Record a call."""
        self.log_success_event(kwargs, response_obj, start_time, end_time)

    async def async_log_failure_event(
        self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Record a call that failed."""
        self.log_failure_event(kwargs, response_obj, start_time, end_time)

    def _record(self, kwargs: Mapping[str, Any], response: Any, *, failed: bool) -> None:
        payload = kwargs.get("standard_logging_object") or {}
        name = kwargs.get("litellm_call_id")
        # LiteLLM calls the sync and the async door of a logger for some calls.
        if isinstance(name, str) and not failed and is_told(f"litellm:{name}", "once"):
            return
        answer = getattr(response, "id", None)
        if isinstance(answer, str) and is_told(answer, "litellm"):
            return
        provider, model = _bought(payload, kwargs)
        hit = payload.get("cache_hit") is True
        outcome = "error" if failed else "cache_hit" if hit else "ok"
        usage = None if hit or failed else getattr(response, "usage", None)
        operation = _OPERATIONS.get(str(payload.get("call_type", "")).lstrip("a"))
        call = (provider, model, "litellm" if usage else None, operation, outcome, None, None)
        more: dict[str, Any] = {}
        stated = (payload.get("cost_breakdown") or {}).get("original_cost")
        if stated is not None and not hit and not failed:
            more["cost"] = Decimal(repr(stated))
        CLIENT.record(call, usage, more, self._frame(kwargs, payload))

    def _frame(self, kwargs: Mapping[str, Any], payload: Mapping[str, Any]) -> Optional[Frame]:
        outer = self._frames.pop(str(kwargs.get("litellm_call_id")), None) or current()
        metadata = (kwargs.get("litellm_params") or {}).get("metadata") or {}
        fields = from_metadata(metadata, self._names, self._tags)
        end_user = payload.get("end_user")
        if "user" not in fields and isinstance(end_user, str) and end_user:
            fields["user"] = end_user[:200]
        return Frame(merged(outer.fields, fields) if outer else fields, None)


def _bought(payload: Mapping[str, Any], kwargs: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return provider and model; LiteLLM writes either in front of the model's name."""
    model = payload.get("model") or kwargs.get("model") or ""
    provider = payload.get("custom_llm_provider") or kwargs.get("custom_llm_provider")
    head, separator, tail = str(model).partition("/")
    if separator and (not provider or head == provider):
        provider, model = head, tail
    return provider or "unknown", model


__all__ = ["TknopsLogger"]
