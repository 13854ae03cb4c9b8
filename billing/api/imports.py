"""POST /api/v1/billing/imports and GET …/<id>: billing files by machine."""

from pathlib import Path
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.import_schema import FORM, IMPORT
from billing.api.one_import import Kind, OneImportView
from billing.api.sent import ERRORS, FileParser, LargeFileError, is_on, job_as_dict, sent
from billing.importers import CHOICES, TooLargeError, checked, keep, receive
from billing.importers.receive import AUTO
from billing.importers.twice import sent_before
from billing.models import BillingImport
from tknops.jobs.models import Job
from tknops.jobs.run import start
from usage.api.answered import AnswerView
from usage.api.authentication import BillingKeyAuthentication, HasKey

# Small enough to be read before the answer; larger files are read by a worker.
_AT_ONCE = 256 * 1024
_FLAGS = ("accounting", "replace", "refuse_closed")


class ImportsView(AnswerView):
    """Billing files to be imported."""

    authentication_classes = [BillingKeyAuthentication]
    permission_classes = [HasKey]
    parser_classes = [MultiPartParser, FileParser]

    @extend_schema(
        operation_id="billing_import",
        description="Send a billing file: as a form with `file` and `profile`, or as the body with "
        "`?profile=`. It is read, checked and imported whole or not at all; ask its `url` how it "
        "went. Sending a file that is imported already changes nothing and says so (200).",
        parameters=[
            OpenApiParameter("profile", str, description="A profile, a saved mapping, or auto."),
            OpenApiParameter("file_name", str, description="For a file sent as the body."),
            OpenApiParameter("encoding", str, enum=list(CHOICES["encoding"])),
            OpenApiParameter("decimal", str, enum=list(CHOICES["decimal"])),
            OpenApiParameter("dates", str, enum=list(CHOICES["dates"])),
            OpenApiParameter("accounting", str, enum=["0", "1"], description="(1.00) is below 0."),
            OpenApiParameter(
                "replace",
                str,
                enum=["0", "1"],
                description="Take the place of invoices that differ.",
            ),
            OpenApiParameter(
                "refuse_closed",
                str,
                enum=["0", "1"],
                description="Refuse a file that touches closed months; else what it changes in "
                "them becomes adjustments of the first open month, and a warning says so.",
            ),
            OpenApiParameter("dry_run", str, enum=["0", "1"], description="Read and check only."),
        ],
        request={
            "multipart/form-data": FORM,
            "application/octet-stream": {"type": "string", "format": "binary"},
        },
        responses={200: IMPORT, 202: IMPORT, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        """Take a file: 202 with the import and its job."""
        ((chunks, name), *_), asked = sent(request)
        try:
            path = keep(chunks)
        except TooLargeError as error:
            raise LargeFileError(str(error)) from error
        if (known := sent_before(path)) is not None:
            path.unlink()
            return _KIND.known(request, known)
        try:
            made = receive(
                path=path, file_name=name, profile=asked.get("profile") or AUTO,
                api_key=request.auth, reading=_said(asked),
            )  # fmt: skip
        except ValueError as error:
            path.unlink()
            raise ValidationError({"detail": str(error)}) from error
        return Response(_start(request, made, path, asked), status=202)


def _said(asked: dict[str, str]) -> dict[str, Any]:
    return checked(
        {name: asked.get(name, "") for name in CHOICES}
        | {name: is_on(asked, name) for name in _FLAGS}
    )


def _start(
    request: Request, made: BillingImport, path: Path, asked: dict[str, str]
) -> dict[str, Any]:
    dry = is_on(asked, "dry_run")
    start(
        kind="stage-billing" if dry else "import-billing",
        arguments={"made": made.pk},
        at_once=path.stat().st_size <= _AT_ONCE,
    )
    made.refresh_from_db()
    return _as_dict(request, made)


def _as_dict(request: Request, made: BillingImport) -> dict[str, Any]:
    job = Job.objects.filter(arguments__made=made.pk, kind__endswith="-billing").last()
    return {
        "id": made.pk,
        "url": request.build_absolute_uri(reverse("billing-import", args=[made.pk])),
        "state": made.state.lower(),
        "job": job_as_dict(job),
        "profile": made.profile,
        "file_name": made.file_name,
        "sha256": made.file_sha256,
        "rows": made.rows,
        "created": made.created,
        "unchanged": made.unchanged,
        "asks": made.asks,
        "error_count": made.error_count,
        "errors": made.errors,
        "warnings": made.warnings,
        "left_out": made.left_out,
        "created_at": made.created_at.isoformat(),
        "applied_at": made.applied_at and made.applied_at.isoformat(),
        "detail": "",
    }


_KIND = Kind(
    "file", lambda: BillingImport.objects.select_related("api_key", "created_by"), _as_dict
)


@extend_schema_view(get=extend_schema(operation_id="billing_import_state", responses={200: IMPORT}))
class ImportView(OneImportView):
    """One import."""

    kind = _KIND
