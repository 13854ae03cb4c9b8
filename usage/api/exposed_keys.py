"""Middleware: a key in a query string opens no door, whatever else the request carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from usage.api.problem import problem
from usage.keys import note_exposed

DOORS = ("/api/", "/v1/")


def refuse_exposed_keys(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 401 and count it on the key, since query strings are logged along the way."""

    def refuse(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if query and request.path.startswith(DOORS) and note_exposed(query, now=timezone.now()):
            detail = (
                "Send the API key in the Authorization header, never in the address: it is logged "
                "on its way. Rotate this key."
            )
            headers = {"WWW-Authenticate": "Bearer"}
            return problem(401, "key_in_query", detail, headers=headers)
        return get_response(request)

    return refuse
