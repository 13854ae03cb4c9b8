"""Flask: `attribute_requests(app, lambda: {"customer": g.customer})`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from flask import g

from tknops_sdk._attribution import attribute
from tknops_sdk._client import CLIENT

_HOLDS = "_tknops_attribution"


def attribute_requests(app: Any, attribution: Callable[[], Mapping[str, Any]]) -> None:
    """Say whose the calls of each request are; register it after what sets `g`.

    It holds until the request is torn down: stream with `stream_with_context`.
    """

    def begin() -> None:
        try:
            fields: Mapping[str, Any] = attribution() or {}
        except Exception:
            CLIENT.troubles.note("middleware", "the attribution of a request could not be read")
            fields = {}
        setattr(g, _HOLDS, attribute(**fields).__enter__())

    def end(_error: Any = None) -> None:
        holds = g.pop(_HOLDS, None)
        if holds is not None:
            holds.__exit__(None, None, None)

    app.before_request(begin)
    app.teardown_request(end)


__all__ = ["attribute_requests"]
