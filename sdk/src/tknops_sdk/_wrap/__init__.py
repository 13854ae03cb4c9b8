"""Wrap clients of providers: they stay what they are, and their calls are recorded."""

from __future__ import annotations

import functools
import threading
from typing import Any, Callable, Optional, TypeVar

from tknops_sdk._client import CLIENT, guarded
from tknops_sdk._wrap import bedrock, google
from tknops_sdk._wrap.call import Call, is_told
from tknops_sdk._wrap.imports import WhenImported
from tknops_sdk._wrap.stainless import FAMILIES

Client = TypeVar("Client")
_replaced: list[tuple[type, str, Any]] = []
_changing = threading.Lock()
_imports = WhenImported()
_is_on = False
_PACKAGES: tuple[tuple[str, Callable[[Any], list[tuple[type, str, Any]]]], ...] = (
    *((family.package, family.instrument) for family in FAMILIES),
    ("google.genai.models", google.instrument),
    ("botocore.client", bedrock.instrument),
)


def wrap(
    client: Client, *, provider: Optional[str] = None, stream_usage: Optional[bool] = None
) -> Client:
    """Record the calls of a client, and return it: the same object, type and signatures.

    Takes clients of openai (Azure's too), anthropic (Bedrock's and Vertex's too), together,
    google-genai and boto3's bedrock-runtime. `provider` names who answers, where the address does
    not; `stream_usage` says whether an OpenAI-like server takes `stream_options.include_usage`.
    """
    try:
        _wrap(client, provider, stream_usage)
    except Exception:
        CLIENT.troubles.note("wrap", "a client could not be wrapped: it works, unrecorded")
    return client


def _wrap(client: Any, provider: Optional[str], stream_usage: Any) -> None:
    for family in FAMILIES:
        if family.owns(client):
            family.wrap(client, provider, stream_usage)
            return
    for module in (google, bedrock):
        if module.owns(client):
            module.wrap(client)
            return
    CLIENT.troubles.note("wrap", "a client is of no kind known: use tknops_sdk.record")


@guarded
def instrument() -> None:
    """Record the calls of every client there is and will be, of all packages installed.

    Packages imported later are observed then; none is imported for it.
    """
    global _is_on
    with _changing:
        if _is_on:
            return
        _is_on = True
        for name, observe in _PACKAGES:
            _imports.add(name, functools.partial(_observe, observe))


def _observe(observe: Callable[[Any], list[tuple[type, str, Any]]], module: Any) -> None:
    try:
        _replaced.extend(observe(module))
    except Exception:
        CLIENT.troubles.note("wrap", "a package could not be instrumented: it works, unrecorded")


@guarded
def uninstrument() -> None:
    """Undo `instrument`."""
    global _is_on
    with _changing:
        _is_on = False
        _imports.forget()
        while _replaced:
            kind, name, before = _replaced.pop()
            if before is None:
                delattr(kind, name)
            else:
                setattr(kind, name, before)


__all__ = ["Call", "instrument", "is_told", "uninstrument", "wrap"]
