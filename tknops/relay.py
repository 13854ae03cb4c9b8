"""Requests that compute, relayed to processes that give way to those taking usage in.

A report holds the interpreter for seconds, and a priority is a whole process's. So the processes
behind the port take usage in themselves and pass everything else on, through a socket in the file
system, to others that run at a lower priority (docs/adr/0041).
"""

import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.http import HttpResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Refused = Callable[[HTTPStatus, str], HttpResponse]

# What is answered here: usage, what watches the installation, files that never change.
_EVENTS = "/api/v1/events"  # what is below it asks about an event
_HERE = ("/api/v1/integrations/", "/v1/", "/health/", "/metrics", "/static/")
# Headers between two neighbours only (RFC 9110, 7.6.1); the body's length is said anew.
_NEIGHBOURS = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
     "transfer-encoding", "upgrade", "expect"}
)  # fmt: skip
_CHUNK = 64 * 1024
# Longer than any answer takes by its own limits; a process that hangs does not keep a thread.
_PATIENCE = 300.0


class Relay:
    """A WSGI application: `inner` for what is answered here, the socket for everything else.

    At most `most` requests are passed on at a time, so that the server's other threads stay free
    for usage; `refused` answers one beyond them and one whose answer broke off. Where nobody
    listens at the socket, `inner` answers everything.
    """

    def __init__(self, inner: "WSGIApplication", address: str, most: int, refused: Refused) -> None:
        """Pass on to the socket file `address`."""
        self._inner = inner
        self._address = address
        self._slots = BoundedSemaphore(most)
        self._refused = refused

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer, or pass on."""
        if (path := environ["PATH_INFO"]) == _EVENTS or path.startswith(_HERE):
            return self._inner(environ, start_response)
        asked = _SocketFile(self._address, timeout=_PATIENCE)
        try:
            asked.connect()
        except OSError:
            return self._inner(environ, start_response)
        with ExitStack() as held:
            held.callback(asked.close)
            if not self._slots.acquire(blocking=False):
                return self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, environ, start_response)
            held.callback(self._slots.release)
            try:
                _send(asked, environ)
                answer = asked.getresponse()
            except (OSError, HTTPException):
                return self._refuse(HTTPStatus.BAD_GATEWAY, environ, start_response)
            passed = [(name, value) for name, value in answer.getheaders() if not _is_hop(name)]
            start_response(f"{answer.status} {answer.reason}", passed)
            return _Body(answer, held.pop_all())

    def _refuse(
        self, status: HTTPStatus, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        response = self._refused(status, environ["PATH_INFO"])
        start_response(f"{status} {status.phrase}", list(response.items()))
        return [response.content]


class _Body:
    """The body of an answer as it comes; closed, it gives the slot back."""

    def __init__(self, answer: HTTPResponse, held: ExitStack) -> None:
        self._answer, self._held = answer, held

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._answer.read1(_CHUNK):
            yield chunk

    def close(self) -> None:
        self._held.close()


class _SocketFile(HTTPConnection):
    """HTTP over a socket in the file system."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.host)


def _send(asked: HTTPConnection, environ: "WSGIEnvironment") -> None:
    """Send the request on as it came."""
    query = f"?{query}" if (query := environ["QUERY_STRING"]) else ""
    path = quote(environ["PATH_INFO"].encode("latin-1"))
    asked.putrequest(
        environ["REQUEST_METHOD"], path + query, skip_host=True, skip_accept_encoding=True
    )
    for name, value in _headers(environ):
        if not _is_hop(name):
            asked.putheader(name, value)
    asked.endheaders()
    body = environ["wsgi.input"]
    while chunk := body.read(_CHUNK):
        asked.send(chunk)


def _headers(environ: "WSGIEnvironment") -> Iterator[tuple[str, str]]:
    """Yield what the sender said; granian's environ holds the process's variables too."""
    for key, value in environ.items():
        if key.startswith("HTTP_") and os.environ.get(key) != value:
            yield key[5:].replace("_", "-"), value
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if key in environ:
            yield key.replace("_", "-"), environ[key]


def _is_hop(name: str) -> bool:
    return name.lower() in _NEIGHBOURS
