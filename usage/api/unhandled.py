"""What no view answers: under the API a problem, elsewhere Django's page."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import page_not_found, server_error

from usage.api.exposed_keys import DOORS
from usage.api.problem import problem

RETRY = {"Retry-After": "3"}


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


def refused(status: HTTPStatus, path: str) -> HttpResponse:
    """Answer where the processes that compute are too busy (503) or one of them ended (502)."""
    if path.startswith(DOORS):
        said, code = {
            HTTPStatus.SERVICE_UNAVAILABLE: (
                "Too many answers are being worked out at once; ask again in a few seconds.",
                "busy",
            ),
            HTTPStatus.BAD_GATEWAY: (
                "The process that worked this out ended; whether it changed anything is not known.",
                "broken_off",
            ),
        }[status]
        return problem(status, code, said, headers=RETRY)
    page = render_to_string("502.html" if status == HTTPStatus.BAD_GATEWAY else "503.html")
    return HttpResponse(page, status=status, headers=RETRY)
