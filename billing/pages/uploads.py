"""Uploads: a billing file previewed before it is written, and a file of usage."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.importers import PROFILES, apply_import, preview, undo_import
from billing.importers.apply import ImportRefusedError
from billing.models import BillingImport
from billing.pages.access import CHANGE, PREVIEW, page
from billing.pages.render import respond
from usage.cube import fold
from usage.loading import FileError, Mapping, MappingError, load_file
from usage.loading.reading import guess_format
from usage.models import Source

_SHOWN_ROWS = 20


def _keep(upload: "UploadedFile[bytes]") -> Path:
    """Store an upload under a name of ours; the client's is never a path."""
    settings.UPLOAD_DIR.mkdir(parents=True, exist_ok=True)
    suffix = ".csv" if str(upload.name).lower().endswith(".csv") else ".jsonl"
    path = Path(settings.UPLOAD_DIR) / f"{secrets.token_hex(16)}{suffix}"
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path


@page(PREVIEW)
def billing_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form; show the preview of an upload; write it once confirmed."""
    context: dict[str, Any] = {
        "profiles": PROFILES.values(),
        "imports": BillingImport.objects.order_by("-pk")[:_SHOWN_ROWS],
    }
    upload = request.FILES.get("file")
    if request.method != "POST" or upload is None:
        return respond(request, "billing_upload", title="Import billing", **context)
    content = upload.read()
    found = preview(
        content=content, file_name=upload.name or "", profile=request.POST.get("profile", "generic")
    )
    if request.POST.get("confirm") and found.ok:
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        try:
            made = apply_import(found=found, user=request.user)
        except ImportRefusedError as error:
            found.errors.extend(error.errors)
        else:
            messages.success(request, f"{made.created} new rows, {made.unchanged} unchanged.")
            return redirect("pages:matching")
    seen = BillingImport.objects.filter(file_sha256=found.sha256, undone_at=None).first()
    return respond(
        request,
        "billing_upload",
        title="Import billing",
        preview=found,
        rows=found.records[:_SHOWN_ROWS],
        seen=seen,
        **context,
    )


@require_POST
@page(CHANGE)
def billing_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back."""
    made = get_object_or_404(BillingImport, pk=pk, undone_at=None)
    undo_import(made=made, now=timezone.now())
    messages.success(request, f"{made.file_name}: {made.created} rows taken back.")
    return redirect("pages:billing-upload")


@page(CHANGE)
def usage_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form; load an uploaded file and report what became of it."""
    upload = request.FILES.get("file")
    report, problem = None, ""
    if request.method == "POST" and upload is not None:
        path = _keep(upload)
        try:
            mapping = Mapping.parse(
                request.POST.get("map", "").split(),
                request.POST.get("set", "").split(),
                request.POST.get("timezone") or None,
            )
            source, _ = Source.objects.get_or_create(name="uploads")
            report = load_file(path, source=source, file_format=guess_format(path), mapping=mapping)
            fold()
        except (MappingError, FileError) as error:
            problem = str(error)
        finally:
            path.unlink(missing_ok=True)
    return respond(request, "usage_upload", title="Upload usage", report=report, problem=problem)
