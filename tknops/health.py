"""/health/live: the process answers. /health/ready: acknowledged would be durable."""

from django.db import Error
from django.http import HttpRequest, JsonResponse

from tknops.durability import not_durable


def live(_request: HttpRequest) -> JsonResponse:
    """Answer while the process lives."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 only if the ledger is reachable and writes durably."""
    try:
        wrong = not_durable()
    except Error:
        return JsonResponse({"status": "database unreachable"}, status=503)
    if wrong:
        return JsonResponse({"status": "not durable", "settings": wrong}, status=503)
    return JsonResponse({"status": "ok"})
