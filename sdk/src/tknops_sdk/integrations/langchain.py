"""LangChain: `TknopsCallback()` as a callback records every generation, sync and async."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from langchain_core.callbacks import BaseCallbackHandler

from tknops_sdk._attribution import USUAL_NAMES, Frame, framed, from_metadata
from tknops_sdk._client import guarded
from tknops_sdk._wrap import Call

_REMEMBERED = 10_000
# LangChain's own ids of messages, where the provider gave none.
_NO_ID = ("lc_run-", "run-")


class _Run:
    """What the start of a run says; its end says the rest."""

    __slots__ = ("frame", "model", "provider")

    def __init__(self, frame: Optional[Frame], provider: Any, model: Any) -> None:
        self.frame, self.provider, self.model = frame, provider, model


class TknopsCallback(BaseCallbackHandler):  # type: ignore[misc]
    """Reads `usage_metadata` of every message; metadata of the run names whose it is.

    `names` says under which keys of the metadata customer, feature, user, team and environment
    stand; `tags` which keys become tags. What they leave open holds from `attribute`.
    """

    run_inline = True  # in the task that called, where its attribution holds
    raise_error = False

    def __init__(self, names: Optional[Mapping[str, Any]] = None, tags: Iterable[str] = ()) -> None:
        """Say where to look."""
        super().__init__()
        self._names = {**USUAL_NAMES, **(names or {})}
        self._tags = tuple(tags)
        self._runs: OrderedDict[Any, _Run] = OrderedDict()

    @guarded
    def on_chat_model_start(self, serialized: Any, messages: Any, **said: Any) -> None:
        """Note whose run begins; the messages are not looked at."""
        metadata = said.get("metadata") or {}
        parameters = said.get("invocation_params") or {}
        frame = framed(from_metadata(metadata, self._names, self._tags))
        model = metadata.get("ls_model_name") or parameters.get("model")
        self._runs[said.get("run_id")] = _Run(frame, metadata.get("ls_provider"), model)
        if len(self._runs) > _REMEMBERED:
            self._runs.popitem(last=False)

    on_llm_start = on_chat_model_start

    @guarded
    def on_llm_end(self, response: Any, **said: Any) -> None:
        """Record the answers of a run: one call per prompt, however many choices it has."""
        run = self._runs.pop(said.get("run_id"), None) or _Run(framed({}), None, None)
        stated = False
        for choices in response.generations:
            seen: set[Any] = set()
            for choice in choices:
                message = getattr(choice, "message", None)
                name = getattr(message, "id", None)
                usage = getattr(message, "usage_metadata", None)
                # The choices of one answer repeat its usage under its id.
                if usage and (name not in seen or str(name).startswith(_NO_ID)):
                    seen.add(name)
                    stated = True
                    _record(run, message, usage)
        if not stated:
            _record_total(run, response)

    @guarded
    def on_llm_error(self, error: BaseException, **said: Any) -> None:
        """Record a run that failed or was cancelled."""
        run = self._runs.pop(said.get("run_id"), None)
        if run is not None:
            _call(run).fail(error)


def _call(run: _Run) -> Call:
    call = Call(run.provider or "unknown", run.model, "chat", "langchain", teller="langchain")
    call.frame = run.frame
    return call


def _record(run: _Run, message: Any, usage: Any) -> None:
    about = getattr(message, "response_metadata", None) or {}
    call = _call(run)
    call.usage = usage
    call.provider = run.provider or about.get("model_provider") or "unknown"
    call.model = about.get("model_name") or about.get("model") or run.model
    if isinstance(about.get("service_tier"), str):
        call.said["service_tier"] = about["service_tier"]
    name = about.get("id") or message.id
    if isinstance(name, str) and not name.startswith(_NO_ID):
        call.response_id = name
    call.finish("ok")


def _record_total(run: _Run, response: Any) -> None:
    """Record what models that are no chat models state for all prompts together."""
    output = response.llm_output or {}
    call = _call(run)
    call.model = output.get("model_name") or run.model
    call.usage, call.usage_format = output.get("token_usage"), "openai.chat"
    call.finish("ok")


__all__ = ["TknopsCallback"]
