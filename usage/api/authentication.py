"""Who may read: a signed-in person with the right, or a key with the scope reports:read."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    PermissionDenied,
    Throttled,
)
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from usage.keys import KeyRefusedError, check_key
from usage.models import ApiKey

READ_PERMISSION = "billing.view_invoice"


class ApiKeyAuthentication(BaseAuthentication):
    """An API key in the Authorization header."""

    scope = ApiKey.Scope.REPORTS_READ

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        """Return the key as the request's `auth`; None where there is no header."""
        header = request.headers.get("Authorization")
        if not header:
            return None
        try:
            key = check_key(header, scope=self.scope, now=timezone.now())
        except KeyRefusedError as error:
            raise _refused(error) from error
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        """Ask for a bearer token, so that the answer is 401."""
        return "Bearer"


class BillingKeyAuthentication(ApiKeyAuthentication):
    """An API key that may send billing files."""

    scope = ApiKey.Scope.BILLING_WRITE


def _refused(error: KeyRefusedError) -> APIException:
    if error.status == 429:
        return Throttled(wait=int(error.headers["Retry-After"]))
    kind = PermissionDenied if error.status == 403 else AuthenticationFailed
    return kind(error.detail, error.code)


class HasKey(BasePermission):
    """Let only keys in, whose scope the authentication has checked."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether a key came along."""
        return isinstance(request.auth, ApiKey)


class MayReadReports(BasePermission):
    """Let keys with the scope in, and staff who may view invoices."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether this request may read."""
        if isinstance(request.auth, ApiKey):
            return True
        user: Any = request.user
        return bool(user and user.is_staff and user.has_perm(READ_PERMISSION))
