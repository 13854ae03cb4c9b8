"""Middleware: an answer of the API is freed once it is sent, not when the collector comes by."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from rest_framework.response import Response


def let_go(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Take answers out of the rings REST framework ties: response → context → view → response.

    In them a report of megabytes waits, as rows and as text, for a full collection, which comes
    after millions of objects (tknops/wsgi.py). What the context is for, rendering, is done here.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, Response):
            context = response.renderer_context
            # A view is a ring by itself: its `head` is its own `get`.
            del context["view"].response
            context.clear()
        return response

    return answer
