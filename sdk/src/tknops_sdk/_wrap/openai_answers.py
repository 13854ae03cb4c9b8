"""Where the answers of OpenAI's API state their usage; Azure's and Together's are alike."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional
from urllib.parse import urlsplit

from tknops_sdk._wrap.call import Call, get
from tknops_sdk._wrap.observed import Reader

_UNFINISHED = frozenset({"queued", "in_progress"})


class Api(NamedTuple):
    """One path: what its calls are, which format their usage has, who reads it."""

    operation: str
    usage_format: Optional[str]
    read: Reader
    method: str = "post"
    can_ask_usage: bool = False


def read_plain(call: Call, item: Any) -> None:
    """Read chat, completions, embeddings: the answer, or the chunks (the last usage counts)."""
    usage = get(item, "usage")
    if usage is not None:
        call.usage = usage
    call.model = get(item, "model") or call.model
    call.response_id = get(item, "id") or call.response_id
    tier = get(item, "service_tier")
    if tier is not None:
        call.said["service_tier"] = tier


def read_response(call: Call, item: Any) -> None:
    """Read the Responses API: the answer, or the events that carry it."""
    answer = get(item, "response")
    answer = item if answer is None or isinstance(answer, str) else answer
    if get(answer, "object") != "response":
        return
    read_plain(call, answer)
    if get(answer, "background") is True:
        # It may be asked for any number of times, by any process: its own id counts it once.
        call.identity = f"openai:response:{call.response_id}"
        call.at = _instant(get(answer, "completed_at") or get(answer, "created_at"))
        call.is_pending = call.usage is None and get(answer, "status") in _UNFINISHED


def read_later(call: Call, item: Any) -> None:
    """Read an answer that is asked for: only one made in the background was not recorded yet."""
    read_response(call, item)
    call.is_pending = call.usage is None or call.identity is None


def read_images(call: Call, item: Any) -> None:
    """Read images: tokens, or the number of images where the model is billed by them."""
    usage = get(item, "usage")
    if usage is not None:
        call.usage, call.usage_format = usage, "openai.images"
    elif call.usage is None and isinstance(get(item, "data"), list):
        call.usage, call.usage_format = {"units": len(get(item, "data")), "unit": "image"}, None


def read_transcription(call: Call, item: Any) -> None:
    """Read transcriptions: tokens or seconds; translations and plain texts state neither."""
    usage = get(item, "usage")
    if usage is not None:
        call.usage = usage


def read_nothing(call: Call, item: Any) -> None:
    """Read nothing: speech states no usage; its characters were counted from the request."""


def read_batch(call: Call, item: Any) -> None:
    """Read a batch's sum once it is over; polled again it is the same event."""
    call.usage, call.model = get(item, "usage"), get(item, "model") or call.model
    at = get(item, "completed_at") or get(item, "cancelled_at") or get(item, "expired_at")
    call.is_pending = call.usage is None or at is None or not get(call.usage, "total_tokens")
    call.identity = f"openai:batch:{get(item, 'id')}"
    call.at = _instant(at)
    endpoint = get(item, "endpoint")
    known = {"/v1/responses": "openai.responses", "/v1/embeddings": "openai.embeddings"}
    call.usage_format = f"{known.get(endpoint, 'openai.chat')}.batch"
    if call.usage_format == "openai.chat.batch" and get(call.usage, "input_tokens") is not None:
        # The batch object words the sum of chats as the Responses API does.
        call.usage_format = "openai.responses.batch"


def _instant(seconds: Any) -> Optional[str]:
    import time

    if not isinstance(seconds, (int, float)):
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


APIS = {
    "/chat/completions": Api("chat", "openai.chat", read_plain, can_ask_usage=True),
    "/completions": Api("text_completion", "openai.chat", read_plain, can_ask_usage=True),
    "/responses": Api("chat", "openai.responses", read_response),
    "/responses/": Api("chat", "openai.responses", read_later, "get"),
    "/rerank": Api("rerank", "openai.chat", read_plain),
    "/embeddings": Api("embeddings", "openai.embeddings", read_plain),
    "/images/generations": Api("image_generation", "openai.images", read_images),
    "/images/edits": Api("image_generation", "openai.images", read_images),
    "/images/variations": Api("image_generation", "openai.images", read_images),
    "/audio/transcriptions": Api("transcription", "openai.transcription", read_transcription),
    "/audio/translations": Api("transcription", "openai.transcription", read_transcription),
    "/audio/speech": Api("speech", None, read_nothing),
    "/batches/": Api("batch", "openai.chat.batch", read_batch, "get"),
}


def api_of(method: str, url: str) -> Optional[Api]:
    """Return what a request is, None if it buys nothing."""
    found = APIS.get(url)
    if found is not None and found.method == method:
        return found
    path = urlsplit(url).path
    if path.startswith("/v1/"):
        path = path[3:]
    if method == "get":
        head, _, rest = path.rstrip("/").rpartition("/")
        found = APIS.get(f"{head}/") if rest else None
        return found if found is not None and found.method == "get" else None
    found = APIS.get(path)
    return found if found is not None and found.method == method else None
