"""FastAPI, Starlette and every ASGI application: `app.add_middleware(AttributionMiddleware, …)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional

from tknops_sdk._attribution import attribute
from tknops_sdk._client import CLIENT


class AttributionMiddleware:
    """Says whose the calls of a request are, streamed answers and background tasks included.

    `attribution` is a function of the ASGI scope that returns the fields of `attribute`; wrap the
    scope in `starlette.requests.HTTPConnection(scope)` for headers and the session.
    """

    def __init__(
        self, app: Any, attribution: Optional[Callable[[Any], Mapping[str, Any]]] = None
    ) -> None:
        """Stand before an application."""
        self.app, self._attribution = app, attribution or _usual

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer under the attribution of the request."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            fields: Mapping[str, Any] = self._attribution(scope) or {}
        except Exception:
            CLIENT.troubles.note("middleware", "the attribution of a request could not be read")
            fields = {}
        with attribute(**fields):
            await self.app(scope, receive, send)


def _usual(scope: Any) -> Mapping[str, Any]:
    user = scope.get("user")
    return {"user": user.identity} if getattr(user, "is_authenticated", False) else {}


__all__ = ["AttributionMiddleware"]
