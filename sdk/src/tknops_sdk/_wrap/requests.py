"""The one seam of clients made by Stainless (openai, anthropic, together): `client.request`.

Every resource, helper and raw or streaming variant goes through it, so none of them changes: types,
signatures and return values are the client's own.
"""

from __future__ import annotations

import functools
import json
from typing import Any, Callable, Optional

from tknops_sdk._client import CLIENT
from tknops_sdk._wrap.anthropic_answers import read_batch_result
from tknops_sdk._wrap.call import INSIDE, OK, RETRIED, Call, get, is_coroutine_function
from tknops_sdk._wrap.observed import Hide, look, observe_stream
from tknops_sdk._wrap.openai_answers import Api

ApiOf = Callable[[str, str], Optional[Api]]
ProviderOf = Callable[[Any], str]
_RAW = "x-stainless-raw-response"


class Begun:
    """A request that buys something: its call, how to read the answer, its changed options."""

    def __init__(self, api: Api, call: Call, options: Any) -> None:
        """Keep them."""
        self.api, self.call, self.options = api, call, options
        self.hide: Optional[Hide] = None

    def returned(self, result: Any) -> Any:
        """Look at what the client returns, and return it."""
        try:
            self._look_at(result)
        except Exception:
            CLIENT.troubles.note("wrapper", "an answer has another shape than known")
            self.call.finish(OK)
        return result

    def _look_at(self, result: Any) -> None:
        if hasattr(type(result), "parse") and hasattr(result, "http_response"):
            self._raw(result)
        elif hasattr(type(result), "__stream__") or hasattr(result, "_raw_iterator"):
            self._stream(result)
        else:
            look(self.api.read, self.call, result)
            self.call.finish(OK)

    def _stream(self, stream: Any) -> None:
        if self.api.usage_format == "anthropic.batch":
            observe_stream(stream, self.call, _record_line)
            self.call.is_pending = True  # its lines are the calls
        else:
            observe_stream(stream, self.call, self.api.read, self.hide)

    def _raw(self, raw: Any) -> None:
        """Look at an answer not yet parsed: its body if it was read, else what `parse` returns."""
        answer = raw.http_response
        if getattr(answer, "is_closed", False) and hasattr(answer, "_content"):
            look(self.api.read, self.call, _json(answer._content))
            self.call.finish(OK)
            return
        parse = raw.parse

        @functools.wraps(parse)
        def parsed(*args: Any, **kwargs: Any) -> Any:
            found = parse(*args, **kwargs)
            if hasattr(found, "__await__"):
                return self._awaited(found)
            return found if self.call.is_done else self.returned(found)

        raw.parse = parsed
        for name in ("close", "aclose"):
            self._at_close(answer, name)

    async def _awaited(self, found: Any) -> Any:
        parsed = await found
        return parsed if self.call.is_done else self.returned(parsed)

    def _at_close(self, answer: Any, name: str) -> None:
        close = getattr(answer, name, None)
        if close is None:
            return

        def closed() -> Any:
            if hasattr(answer, "_content"):
                look(self.api.read, self.call, _json(answer._content))
                self.call.finish(OK)
            return close()

        setattr(answer, name, closed)


def _record_line(call: Call, item: Any) -> None:
    made = read_batch_result(call, item)
    if made is not None:
        made.finish(OK)


def _json(body: Any) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return {}


def _begin(client: Any, options: Any, api_of: ApiOf, provider_of: ProviderOf) -> Optional[Begun]:
    """Begin a call if the request buys something."""
    if INSIDE.get() or CLIENT.delivery is None:
        return None
    api = api_of(str(options.method).lower(), str(options.url))
    if api is None:
        return None
    sent = options.json_data if isinstance(options.json_data, dict) else {}
    call = Call(_who(client, provider_of), sent.get("model"), api.operation, api.usage_format)
    begun = Begun(api, call, options)
    if api.operation == "speech" and isinstance(sent.get("input"), str):
        call.usage = {"units": len(sent["input"]), "unit": "character"}
    if api.can_ask_usage and sent.get("stream") is True:
        _ask_usage(client, begun, sent)
    return begun


def _who(client: Any, provider_of: ProviderOf) -> str:
    """Return who answers a client; asked once."""
    known: Optional[str] = getattr(client, "_tknops_provider", None)
    if known is None:
        known = client._tknops_provider = provider_of(client)
    return known


def _ask_usage(client: Any, begun: Begun, sent: dict[str, Any]) -> None:
    """Add `include_usage` to a stream, where its provider takes it and the host says nothing.

    The chunk this adds is not shown to the host.
    """
    options = begun.options
    wanted = getattr(client, "_tknops_stream_usage", None)
    takes = begun.call.provider in _TAKE_STREAM_OPTIONS if wanted is None else wanted
    headers = options.headers if isinstance(options.headers, dict) else {}
    asked = sent.get("stream_options") or (getattr(options, "extra_json", None) or {}).get(
        "stream_options"
    )
    if not (takes and CLIENT.settings.stream_usage) or any(
        name.lower() == _RAW for name in headers
    ):
        return
    if asked is not None and (not isinstance(asked, dict) or "include_usage" in asked):
        return
    changed = {**sent, "stream_options": {**(asked or {}), "include_usage": True}}
    copy = getattr(options, "model_copy", None) or options.copy
    begun.options = copy(update={"json_data": changed})
    begun.hide = _is_usage_alone
    CLIENT.troubles.counts.add("stream_usage_added")


def _is_usage_alone(chunk: Any) -> bool:
    """Tell the chunk that was added, and take the empty field off the others."""
    if get(chunk, "usage") is not None:
        return bool(get(chunk, "choices") == [])
    said = getattr(chunk, "__pydantic_fields_set__", None)
    if isinstance(said, set):
        said.discard("usage")
    return False


_TAKE_STREAM_OPTIONS = frozenset(
    ("azure", "deepseek", "fireworks", "groq", "openai", "openrouter", "together", "x-ai")
)


class _Seam:
    """What is known where a `request` is replaced: of one client, or of a class if that is None."""

    def __init__(self, client: Any, api_of: ApiOf, provider_of: ProviderOf) -> None:
        self._client, self._api_of, self._provider_of = client, api_of, provider_of

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the call, None if nothing is bought, and the arguments, changed where needed."""
        place = 1 if self._client is not None else 2
        owner = self._client if self._client is not None else args[0]
        try:
            options = kwargs["options"] if "options" in kwargs else args[place]
            begun = _begin(owner, options, self._api_of, self._provider_of)
        except Exception:
            CLIENT.troubles.note("wrapper", "a request has another shape than known")
            return None, args, kwargs
        if begun is None or begun.options is options:
            return begun, args, kwargs
        if "options" in kwargs:
            return begun, args, {**kwargs, "options": begun.options}
        return begun, (*args[:place], begun.options, *args[place + 1 :]), kwargs


def observed_request(request: Any, client: Any, api_of: ApiOf, provider_of: ProviderOf) -> Any:
    """Return `client.request` that records; with `client` None a function of a class."""
    seam = _Seam(client, api_of, provider_of)
    return _async(request, seam) if is_coroutine_function(request) else _sync(request, seam)


def _async(request: Any, seam: _Seam) -> Any:
    @functools.wraps(request)
    async def observed(*args: Any, **kwargs: Any) -> Any:
        begun, args, kwargs = seam.begin(args, kwargs)
        if begun is None:
            return await request(*args, **kwargs)
        inside = INSIDE.set(True)
        try:
            result = await request(*args, **kwargs)
        except BaseException as error:
            begun.call.fail(error)
            raise
        finally:
            INSIDE.reset(inside)
        return begun.returned(result)

    return observed


def _sync(request: Any, seam: _Seam) -> Any:
    @functools.wraps(request)
    def observed(*args: Any, **kwargs: Any) -> Any:
        begun, args, kwargs = seam.begin(args, kwargs)
        if begun is None:
            return request(*args, **kwargs)
        inside = INSIDE.set(True)
        try:
            result = request(*args, **kwargs)
        except BaseException as error:
            begun.call.fail(error)
            raise
        finally:
            INSIDE.reset(inside)
        return begun.returned(result)

    return observed


def observed_retry(sleep: Any, client: Any, api_of: ApiOf, provider_of: ProviderOf) -> Any:
    """Return `client._sleep_for_retry` that records the attempt which failed before it."""

    @functools.wraps(sleep)
    def slept(*args: Any, **kwargs: Any) -> Any:
        try:
            owner = client if client is not None else args[0]
            options: Any = kwargs["options"]
            api = api_of(str(options.method).lower(), str(options.url))
            if api is not None and CLIENT.delivery is not None:
                sent = options.json_data if isinstance(options.json_data, dict) else {}
                Call(_who(owner, provider_of), sent.get("model"), api.operation).finish(RETRIED)
        except Exception:
            CLIENT.troubles.note("wrapper", "a retry could not be recorded")
        return sleep(*args, **kwargs)

    return slept
