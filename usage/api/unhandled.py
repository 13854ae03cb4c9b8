"""What no view answers: under the API a problem, elsewhere Django's page."""

from django.http import HttpRequest, HttpResponse
from django.views.defaults import page_not_found, server_error

from usage.api.exposed_keys import DOORS
from usage.api.problem import problem


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer where nothing is served."""
    if request.path.startswith(DOORS):
        return problem(404, "not_found", "Nothing is served at this address.")
    return page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer where a view failed; the log says how."""
    if request.path.startswith(DOORS):
        return problem(500, "internal", "The server failed.")
    return server_error(request)
