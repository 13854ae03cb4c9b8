"""Middleware: months closed in another currency than reports are asked in: a page that says so."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from billing.margin import OtherCurrencyError
from usage.api.exposed_keys import DOORS
from usage.api.problem import problem

_CONFLICT = 409


class OtherCurrencyMiddleware:
    """Answer 409 wherever a figure was asked for; usage is taken all the same."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take what answers requests."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for this one error; None for any other."""
        if not isinstance(error, OtherCurrencyError):
            return None
        if request.path.startswith(DOORS):
            return problem(
                _CONFLICT, "closed_in_other_currency", f"{error}.",
                closed_in=error.frozen, asked_in=error.asked,
                months=[f"{month:%Y-%m}" for month in error.months],
            )  # fmt: skip
        return render(request, "tknops/other_currency.html", {"error": error}, status=_CONFLICT)
