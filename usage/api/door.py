"""Every door of ingestion: key, bounded body, decoding, one domain call, an answer."""

import datetime as dt
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from usage.api.body import read_body
from usage.api.sdk_headers import said
from usage.ingest import BodyError, Decoded, IngestResult, take
from usage.keys import KeyRefusedError, check_key
from usage.models import ApiKey

MAX_BODY = 16 * 1024 * 1024
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was not taken; nothing of it was stored."""

    status: int
    code: str
    detail: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Door:
    """How one door reads each content type, and how it words its answers."""

    decoders: Mapping[str, Callable[[bytes], Decoded]]
    answer: Callable[[HttpRequest, IngestResult], HttpResponse]
    refuse: Callable[[HttpRequest, Refusal], HttpResponse]
    limit: int = MAX_BODY


def view_of(door: Door) -> Callable[[HttpRequest], HttpResponse]:
    """Make the view of a door; 200 only after the commit."""

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        outcome = _pass(door, request)
        if isinstance(outcome, Refusal):
            return door.refuse(request, outcome)
        return door.answer(request, outcome)

    return view


def _pass(door: Door, request: HttpRequest) -> IngestResult | Refusal:
    """Take the request, or say why not: an unforeseen error is for the client to try again."""
    if request.method != "POST":
        return Refusal(405, "method_not_allowed", "Send with POST.", {"Allow": "POST"})
    try:
        return _take(door, request)
    except KeyRefusedError as error:
        return Refusal(error.status, error.code, error.detail, error.headers)
    except BodyError as error:
        accepted = ", ".join(sorted(filter(None, door.decoders)))
        headers = {"Accept": accepted} if error.status == 415 else {}
        return Refusal(error.status, error.code, error.detail, headers)
    except DatabaseError as error:
        _note(error)
        detail = "The ledger cannot be written now; nothing was stored. Try again."
        return Refusal(503, "unavailable", detail, {"Retry-After": "5"})
    except Exception as error:  # noqa: BLE001 - OTLP clients drop what a 500 answers
        _note(error)
        detail = "The server failed; nothing was stored. Try again."
        return Refusal(503, "internal", detail, {"Retry-After": "30"})


def _take(door: Door, request: HttpRequest) -> IngestResult:
    now = timezone.now()
    key = _key(request, now)
    body = read_body(request, accepted=frozenset(door.decoders), limit=door.limit)
    decoded = door.decoders[request.content_type or ""](body)
    return take(decoded, source=key.source, api_key=key, received_at=now, said=said(request))


def _key(request: HttpRequest, now: dt.datetime) -> ApiKey:
    """Check the key; the same statement tells whether the kept connection still lives.

    So Django need not ask that first, a round trip of each request. Raises KeyRefusedError.
    """
    given = request.headers.get("Authorization", "")
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return check_key(given, scope=ApiKey.Scope.EVENTS_WRITE, now=now)
    except OperationalError:
        connection.close()
        return check_key(given, scope=ApiKey.Scope.EVENTS_WRITE, now=now)


def _note(error: Exception) -> None:
    """Log what failed and where, never its message: that may quote what was sent."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
    _logger.error("ingestion failed: %s at %s", type(error).__name__, where)
