"""Where the answers of Anthropic's API state their usage."""

from __future__ import annotations

from typing import Any, Optional

from tknops_sdk._clean import Cleaned
from tknops_sdk._clean import usage as cleaned
from tknops_sdk._wrap.call import Call, get
from tknops_sdk._wrap.openai_answers import Api


def read_message(call: Call, item: Any) -> None:
    """Read a message or the events of one: `message_delta` is cumulative, so the last counts.

    The delta names only what changed, so it is laid over what `message_start` said.
    """
    message = get(item, "message")
    stated = message if message is not None else item
    usage = get(stated, "usage")
    if usage is not None:
        call.usage = Cleaned({**(call.usage or {}), **(cleaned(usage) or {})})
    call.model = get(stated, "model") or call.model
    name = get(stated, "id")
    if isinstance(name, str):
        call.response_id = name


def read_batch_result(call: Call, item: Any) -> Optional[Call]:
    """Return the call of one line of a batch's results, None for one that was not answered."""
    message = get(get(item, "result"), "message")
    if message is None:
        return None
    made = Call(call.provider, get(message, "model"), "batch", "anthropic.batch")
    made.frame = call.frame
    read_message(made, message)
    made.identity = f"anthropic:message:{get(message, 'id')}"
    return made


_MESSAGES = Api("chat", "anthropic", read_message)
_RESULTS = Api("batch", "anthropic.batch", read_message, "get")


def api_of(method: str, url: str) -> Optional[Api]:
    """Return what a request is, None if it buys nothing."""
    path = url.split("?", 1)[0]
    if method == "post" and (path.endswith("/v1/messages") or path == "/v1/complete"):
        return _MESSAGES
    if method == "get" and "/messages/batches/" in path and path.endswith("/results"):
        return _RESULTS
    return None
