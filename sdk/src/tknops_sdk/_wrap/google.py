"""Wrap google-genai: the functions of `models` that send, so chats and tools count each request."""

from __future__ import annotations

import functools
from typing import Any, Optional

from tknops_sdk._client import CLIENT
from tknops_sdk._wrap.call import INSIDE, OK, Call, get, is_coroutine_function
from tknops_sdk._wrap.observed import AsyncObserved, Observed, Reader, look


def read_content(call: Call, item: Any) -> None:
    """Read an answer or chunk; chunks repeat the usage, which only grows, so the last counts."""
    usage = get(item, "usage_metadata")
    if usage is not None:
        call.usage = usage
    call.response_id = get(item, "response_id") or call.response_id
    version = get(item, "model_version")
    if version is not None:
        call.said["modelVersion"] = version


def read_embedding(call: Call, item: Any) -> None:
    """Read embeddings: Vertex states tokens per text, the Developer API states nothing."""
    counts = [get(get(one, "statistics"), "token_count") for one in get(item, "embeddings") or ()]
    known = [int(count) for count in counts if count is not None]
    if known:
        call.usage, call.usage_format = {"input_tokens": sum(known)}, None


def read_images(call: Call, item: Any) -> None:
    """Count images: they are billed each."""
    images = get(item, "generated_images")
    if images is not None:
        call.usage, call.usage_format = {"units": len(images), "unit": "image"}, None


_SENDS: dict[str, tuple[str, Optional[str], Reader]] = {
    "_generate_content": ("chat", "gemini", read_content),
    "_generate_content_stream": ("chat", "gemini", read_content),
    "_embed_content": ("embeddings", None, read_embedding),
    "_generate_images": ("image_generation", None, read_images),
}


def _observed(function: Any, name: str) -> Any:
    return _async(function, name) if is_coroutine_function(function) else _sync(function, name)


def _begin(name: str, kwargs: dict[str, Any]) -> Optional[Call]:
    if INSIDE.get() or CLIENT.delivery is None:
        return None
    operation, usage_format, _ = _SENDS[name]
    model = kwargs.get("model")
    model = model.rsplit("/", 1)[-1] if isinstance(model, str) else None
    return Call("google", model, operation, usage_format)


def _returned(name: str, call: Optional[Call], result: Any) -> Any:
    if call is None:
        return result
    reader = _SENDS[name][2]
    if hasattr(result, "__anext__"):
        return _async_items(AsyncObserved(result, call, reader, None))
    if hasattr(result, "__next__"):
        return _items(Observed(result, call, reader, None))
    look(reader, call, result)
    call.finish(OK)
    return result


def _async(function: Any, name: str) -> Any:
    @functools.wraps(function)
    async def send(*args: Any, **kwargs: Any) -> Any:
        call = _begin(name, kwargs)
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            if call is not None:
                call.fail(error)
            raise
        return _returned(name, call, result)

    return send


def _sync(function: Any, name: str) -> Any:
    @functools.wraps(function)
    def send(*args: Any, **kwargs: Any) -> Any:
        call = _begin(name, kwargs)
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            if call is not None:
                call.fail(error)
            raise
        return _returned(name, call, result)

    return send


def _items(observed: Observed) -> Any:
    """Stay a generator, as the client returns."""
    try:
        yield from observed
    finally:
        observed.closing()
        observed._inner.close()


async def _async_items(observed: AsyncObserved) -> Any:
    try:
        async for item in observed:
            yield item
    finally:
        observed.closing()
        await observed._inner.aclose()


def owns(client: Any) -> bool:
    """Tell whether it is a client of google-genai."""
    return type(client).__module__.startswith("google.genai") and hasattr(client, "models")


def wrap(client: Any) -> Any:
    """Observe one client, its `aio` too."""
    for models in (client.models, getattr(getattr(client, "aio", None), "models", None)):
        for name in _SENDS:
            if hasattr(models, name) and name not in vars(models):
                setattr(models, name, _observed(getattr(models, name), name))
    return client


def instrument(models: Any) -> list[tuple[type, str, Any]]:
    """Observe every client of the module google.genai.models; return what was replaced."""
    replaced: list[tuple[type, str, Any]] = []
    for kind in (models.Models, models.AsyncModels):
        for name in _SENDS:
            if hasattr(kind, name):
                replaced.append((kind, name, vars(kind).get(name)))
                setattr(kind, name, _observed(getattr(kind, name), name))
    return replaced
