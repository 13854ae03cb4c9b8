"""Wrap boto3's bedrock-runtime: its one seam is `_make_api_call`."""

from __future__ import annotations

import functools
import json
from typing import Any, Optional

from tknops_sdk._client import CLIENT
from tknops_sdk._wrap.call import INSIDE, OK, RETRIED, Call
from tknops_sdk._wrap.observed import Observed, look

_OPERATIONS = frozenset(
    ("Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream")
)
_HEADERS = {
    "inputTokens": "x-amzn-bedrock-input-token-count",
    "outputTokens": "x-amzn-bedrock-output-token-count",
    "cacheReadInputTokens": "x-amzn-bedrock-cache-read-input-token-count",
    "cacheWriteInputTokens": "x-amzn-bedrock-cache-write-input-token-count",
}
_METRICS = b'"amazon-bedrock-invocationMetrics"'


def read_answer(call: Call, item: Any) -> None:
    """Read Converse's answer or its stream's `metadata`; the tier stands beside the usage."""
    stated = item.get("metadata") or item
    if isinstance(stated, dict) and isinstance(stated.get("usage"), dict):
        call.usage = stated["usage"]
        for name in ("serviceTier", "performanceConfig"):
            if stated.get(name) is not None:
                call.said[name] = stated[name]


def read_headers(call: Call, item: Any) -> None:
    """Read InvokeModel's counts from the headers: the body, which is the model's, stays unread."""
    headers = item.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    counts = {name: headers.get(header) for name, header in _HEADERS.items()}
    found = {name: int(count) for name, count in counts.items() if count}
    if found:
        call.usage = found


def read_chunk(call: Call, item: Any) -> None:
    """Read the metrics in the last chunk of InvokeModelWithResponseStream."""
    body = (item.get("chunk") or {}).get("bytes") or b""
    if _METRICS not in body:
        return
    metrics = json.loads(body).get("amazon-bedrock-invocationMetrics") or {}
    names = ("inputToken", "outputToken", "cacheReadInputToken", "cacheWriteInputToken")
    found = {f"{name}s": metrics.get(f"{name}Count") for name in names}
    call.usage = {name: count for name, count in found.items() if type(count) is int}


def _watch(events: Any, call: Call, reader: Any) -> None:
    """Look at an event stream's parsed events; it stays botocore's EventStream."""
    parse = events._parse_event

    def parsed(event: Any) -> Any:
        found = parse(event)
        if isinstance(found, dict):
            look(reader, call, found)
        return found

    events._parse_event = parsed
    watching = Observed(events._event_generator, call, lambda _call, _item: None, None)
    events._event_generator = watching
    close = events.close

    @functools.wraps(close)
    def closed() -> Any:
        watching.closing()
        return close()

    events.close = closed


def _look_at(call: Call, operation: str, answer: Any) -> None:
    for _ in range(answer.get("ResponseMetadata", {}).get("RetryAttempts") or 0):
        retried = Call(call.provider, call.model, call.operation)
        retried.finish(RETRIED)
    if operation == "ConverseStream":
        _watch(answer["stream"], call, read_answer)
    elif operation == "InvokeModelWithResponseStream":
        _watch(answer["body"], call, read_chunk)
    else:
        look(read_answer if operation == "Converse" else read_headers, call, answer)
        call.finish(OK)


def observed_call(make: Any, client: Any) -> Any:
    """Return `_make_api_call` that records; with `client` None a function of the class."""

    @functools.wraps(make)
    def make_api_call(*args: Any, **kwargs: Any) -> Any:
        call: Optional[Call] = None
        operation = ""
        try:
            owner, rest = (client, args) if client is not None else (args[0], args[1:])
            operation = rest[0] if rest else kwargs["operation_name"]
            sent = rest[1] if len(rest) > 1 else kwargs["api_params"]
            service = owner.meta.service_model.service_name
            wanted = service == "bedrock-runtime" and operation in _OPERATIONS
            if wanted and not INSIDE.get() and CLIENT.delivery is not None:
                call = Call("aws", sent.get("modelId"), "chat", "bedrock")
        except Exception:
            CLIENT.troubles.note("wrapper", "a request has another shape than known")
        if call is None:
            return make(*args, **kwargs)
        inside = INSIDE.set(True)
        try:
            answer = make(*args, **kwargs)
        except BaseException as error:
            call.fail(error)
            raise
        finally:
            INSIDE.reset(inside)
        try:
            _look_at(call, operation, answer)
        except Exception:
            CLIENT.troubles.note("wrapper", "an answer has another shape than known")
            call.finish(OK)
        return answer

    return make_api_call


def owns(client: Any) -> bool:
    """Tell whether it is a client of botocore for bedrock-runtime."""
    meta = getattr(client, "meta", None)
    model = getattr(meta, "service_model", None)
    return getattr(model, "service_name", None) == "bedrock-runtime"


def wrap(client: Any) -> Any:
    """Observe one client."""
    if "_make_api_call" not in vars(client):
        client._make_api_call = observed_call(client._make_api_call, client)
    return client


def instrument(module: Any) -> list[tuple[type, str, Any]]:
    """Observe every client of the module botocore.client; return what was replaced."""
    base = module.BaseClient
    before = base._make_api_call
    base._make_api_call = observed_call(before, None)
    return [(base, "_make_api_call", before)]
