"""POST /api/v1/events: the native door; no serializer on this path."""

import msgspec
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from usage.api.body import read_body
from usage.api.problem import problem
from usage.ingest import BodyError, ingest
from usage.keys import KeyRefusedError, check_key
from usage.models import ApiKey


@csrf_exempt
def events(request: HttpRequest) -> HttpResponse:
    """Take a batch of events; 200 only after the commit."""
    if request.method != "POST":
        detail = "Send events with POST."
        return problem(405, "method_not_allowed", detail, headers={"Allow": "POST"})
    now = timezone.now()
    try:
        key = check_key(
            request.headers.get("Authorization", ""), scope=ApiKey.Scope.EVENTS_WRITE, now=now
        )
        result = ingest(read_body(request), source=key.source, api_key=key, received_at=now)
    except KeyRefusedError as error:
        return problem(error.status, error.code, error.detail, headers=error.headers)
    except BodyError as error:
        headers = {"Accept": "application/json"} if error.status == 415 else None
        return problem(error.status, error.code, error.detail, headers=headers)
    except DatabaseError:
        detail = "The ledger cannot be written now; nothing was stored. Try again."
        return problem(503, "unavailable", detail, headers={"Retry-After": "5"})
    if result.all_rejected:
        detail = f"None of the {result.received} events could be taken."
        return problem(422, "all_rejected", detail, errors=result.errors())
    body = result.body(verbose=request.GET.get("verbose") == "1")
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")
