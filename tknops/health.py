"""/health/live: the process answers. /health/ready: acknowledged would be durable."""

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

_DURABLE = {"fsync": {"on"}, "full_page_writes": {"on"}}


def live(_request: HttpRequest) -> JsonResponse:
    """Answer while the process lives."""
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 only if the ledger is reachable and writes durably."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, setting FROM pg_settings "
                "WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
            )
            found = dict(cursor.fetchall())
    except Error:
        return JsonResponse({"status": "database unreachable"}, status=503)
    wrong = [name for name, accepted in _DURABLE.items() if found[name] not in accepted]
    if found["synchronous_commit"] == "off":
        wrong.append("synchronous_commit")
    if wrong:
        return JsonResponse({"status": "not durable", "settings": wrong}, status=503)
    return JsonResponse({"status": "ok"})
