"""POST /api/v1/billing/provider-bills and GET …/<id>: bills of providers by machine."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.import_schema import BILL, BILL_FORM
from billing.api.one_import import Kind, OneImportView
from billing.api.sent import ERRORS, FileParser, LargeFileError, is_on, job_as_dict, sent
from billing.importers import TooLargeError
from billing.models import ProviderImport
from billing.provider_bills import (
    AUTO,
    FORMATS,
    give_up_bill,
    imported_before,
    job_of,
    receive_bill,
    start_bill,
)
from usage.api.answered import AnswerView
from usage.api.authentication import BillingKeyAuthentication, HasKey


class ProviderBillsView(AnswerView):
    """Bills of providers to be imported."""

    authentication_classes = [BillingKeyAuthentication]
    permission_classes = [HasKey]
    parser_classes = [MultiPartParser, FileParser]

    @extend_schema(
        operation_id="provider_bill_import",
        description="Send the files of one bill: as a form with `file` once or more, or one as the "
        "body. They are read, checked and imported whole or not at all; ask `url` how it went. "
        "The same files a second time change nothing and say so (200).",
        parameters=[
            OpenApiParameter("format", str, enum=[AUTO, *FORMATS], description="Else found out."),
            OpenApiParameter("provider", str, description="Where the files name none."),
            OpenApiParameter("total", str, description="On the invoice, a decimal."),
            OpenApiParameter("rate", str, description="Reporting currency a unit, as it was paid."),
            OpenApiParameter("file_name", str, description="For a file sent as the body."),
            OpenApiParameter("dry_run", str, enum=["0", "1"], description="Read and check only."),
        ],
        request={
            "multipart/form-data": BILL_FORM,
            "application/octet-stream": {"type": "string", "format": "binary"},
        },
        responses={200: BILL, 202: BILL, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        """Take a bill: 202 with the import and its job."""
        files, asked = sent(request)
        try:
            made = receive_bill(
                files=files, form=asked.get("format") or AUTO, api_key=request.auth,
                **{name: asked.get(name, "") for name in ("provider", "total", "rate")},
            )  # fmt: skip
        except TooLargeError as error:
            raise LargeFileError(str(error)) from error
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        if (known := imported_before(made)) is not None:
            give_up_bill(made=made)
            return _KIND.known(request, known)
        start_bill(made=made, whole=not is_on(asked, "dry_run"))
        made.refresh_from_db()
        return Response(_as_dict(request, made), status=202)


def _as_dict(request: Request, made: ProviderImport) -> dict[str, Any]:
    applied = made.state == ProviderImport.State.APPLIED
    return {
        "id": made.pk,
        "url": request.build_absolute_uri(reverse("billing-provider-bill", args=[made.pk])),
        "state": made.state.lower(),
        "job": job_as_dict(job_of(made)),
        "profile": made.given.get("format", AUTO),
        "file_name": made.file_name,
        "sha256": made.content_sha256,
        "rows": made.lines,
        "created": made.lines if applied else 0,
        "error_count": len(made.errors),
        "errors": made.errors,
        "warnings": [{"line": 1, "code": "note", "message": note} for note in made.notes],
        "invoices": [
            {
                "provider": one.provider_code,
                "month": f"{one.month:%Y-%m}",
                "currency": one.currency,
                "source": one.source.lower(),
                "number": one.number,
            }
            for one in made.invoices.order_by("provider_code", "month", "pk")
        ],
        "created_at": made.created_at.isoformat(),
        "applied_at": made.applied_at and made.applied_at.isoformat(),
        "detail": "",
    }


_KIND = Kind("bill", ProviderImport.objects.all, _as_dict)


@extend_schema_view(get=extend_schema(operation_id="provider_bill_state", responses={200: BILL}))
class ProviderBillView(OneImportView):
    """One import of a bill."""

    kind = _KIND
