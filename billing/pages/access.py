"""Who may open the pages: staff with the right to view invoices, or to change them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

VIEW = "billing.view_invoice"
CHANGE = "billing.change_invoice"
HEALTH = "usage.view_usagebatch"
EXPORT = "billing.export_report"
PREVIEW = "billing.preview_billingimport"


def page(permission: str | None = VIEW) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Guard a view: sign in first, then 403 without the permission; answers are not stored.

    None lets everybody in who may sign in here.
    """

    def guard(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not (request.user.is_authenticated and request.user.is_staff):
                return redirect_to_login(request.get_full_path(), reverse("admin:login"))
            if permission and not request.user.has_perm(permission):
                raise PermissionDenied
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            return response

        return guarded

    return guard
