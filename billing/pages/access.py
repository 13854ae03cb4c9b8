"""Who may open the pages: staff with the right to view invoices, or to change them."""

from collections.abc import Callable
from decimal import localcontext
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from billing.margin import TooManyRowsError
from billing.measures import UnknownBasisError, UnknownDimensionError
from billing.pages.asked import NotUnderstoodError
from tknops.money import EXACT

VIEW = "billing.view_invoice"
CHANGE = "billing.change_invoice"
HEALTH = "usage.view_usagebatch"
EXPORT = "billing.export_report"
PREVIEW = "billing.preview_billingimport"
# Errors that name what was not understood, or was too much, and what is accepted.
_SAID = (NotUnderstoodError, TooManyRowsError, UnknownBasisError, UnknownDimensionError)
_NO_DATA = "the address or the form holds what no name or number here can be"


def _said(error: Exception) -> str:
    return f"{str(error).removesuffix('.')}."


def page(permission: str | None = VIEW) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Guard a view: sign in first, then 403 without the permission; answers are not stored.

    None lets everybody in who may sign in here. What the database cannot even look for (a NUL, a
    name longer than any) is a bad request; so is what an address says that means nothing, named on
    the page beside what is accepted.
    """

    def guard(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not (request.user.is_authenticated and request.user.is_staff):
                return redirect_to_login(request.get_full_path(), reverse("admin:login"))
            if permission and not request.user.has_perm(permission):
                raise PermissionDenied
            try:
                with localcontext(prec=EXACT.prec):  # sums of figures keep every digit
                    response = view(request, *args, **kwargs)
            except DataError as error:
                raise BadRequest(_NO_DATA) from error
            except _SAID as error:
                response = render(request, "400.html", {"said": _said(error)}, status=400)
            response["Cache-Control"] = "no-store"
            return response

        return guarded

    return guard
