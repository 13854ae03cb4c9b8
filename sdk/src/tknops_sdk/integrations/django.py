"""Django: `tknops_sdk.integrations.django.AttributionMiddleware`, after authentication.

`TKNOPS_ATTRIBUTION` in the settings is a function (or its dotted name) of the request that
returns the fields of `attribute`; without it the signed-in user's key is the user.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.decorators import sync_and_async_middleware
from django.utils.module_loading import import_string

from tknops_sdk._attribution import attribute
from tknops_sdk._client import CLIENT


def _usual(request: Any) -> Mapping[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"user": user.pk}


def _fields(request: Any) -> Mapping[str, Any]:
    try:
        function = getattr(settings, "TKNOPS_ATTRIBUTION", _usual)
        if isinstance(function, str):
            function = import_string(function)
        return function(request) or {}
    except Exception:
        CLIENT.troubles.note("middleware", "the attribution of a request could not be read")
        return {}


@sync_and_async_middleware
def AttributionMiddleware(get_response: Any) -> Any:  # noqa: N802 - named as Django names them
    """Say whose the calls of a request are, streamed answers included."""
    if inspect.iscoroutinefunction(get_response):

        async def answer_async(request: Any) -> Any:
            holds = attribute(**_fields(request))
            with holds:
                return _streamed(await get_response(request), holds)

        return answer_async

    def answer(request: Any) -> Any:
        holds = attribute(**_fields(request))
        with holds:
            return _streamed(get_response(request), holds)

    return answer


def _streamed(response: Any, holds: attribute) -> Any:
    """Let it hold while a streamed answer is made, which is after the middleware returned."""
    if getattr(response, "streaming", False):
        content = response.streaming_content
        if getattr(response, "is_async", False):

            @holds
            async def items_async() -> Any:
                async for item in content:
                    yield item

            response.streaming_content = items_async()
        else:

            @holds
            def items() -> Any:
                yield from content

            response.streaming_content = items()
    return response


__all__ = ["AttributionMiddleware"]
