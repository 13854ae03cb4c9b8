"""Errors as RFC 9457 problem+json, always JSON, never an echo of what was sent."""

from http import HTTPStatus
from typing import Any

from django.db import DataError, OperationalError
from django.http import JsonResponse
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_handler

CONTENT_TYPE = "application/problem+json"


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    **extensions: Any,
) -> JsonResponse:
    """Build a problem response; `code` is ours and stable, `detail` is for people."""
    body = {
        "type": f"urn:tknops:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **extensions,
    }
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, headers=headers)


class UnavailableError(APIException):
    """The database cannot answer now, or not in time."""

    status_code = 503
    default_code = "unavailable"
    default_detail = "The database cannot answer this now; ask for less, or try again."
    wait = 5


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn Django REST framework's errors into problems."""
    if isinstance(error, DataError):  # what the database cannot even look for, such as a NUL
        error = ValidationError({"detail": "A parameter holds what no name or number can be."})
    if isinstance(error, OperationalError):
        error = UnavailableError()
    response = drf_handler(error, context)
    if response is not None:
        code = getattr(error, "default_code", "error")
        detail = response.data.get("detail") if isinstance(response.data, dict) else None
        response.data = {
            "type": f"urn:tknops:problem:{code}",
            "title": HTTPStatus(response.status_code).phrase,
            "status": response.status_code,
            "code": code,
            "detail": str(detail) if detail else "The request has errors.",
            "errors": None if detail else response.data,
        }
        response.content_type = CONTENT_TYPE
    return response
