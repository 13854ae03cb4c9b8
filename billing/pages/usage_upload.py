"""Upload a file of usage: loaded by a worker, or at once if it is small."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from billing.pages.access import CHANGE, page
from billing.pages.received_files import AT_ONCE, keep
from billing.pages.render import respond
from tknops.jobs.models import Job
from tknops.jobs.run import start
from usage.loading import Mapping, MappingError
from usage.loading.reading import guess_format

_LISTED = 20


@page(CHANGE)
def usage_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form and list what was loaded; a file sent becomes a job."""
    upload = request.FILES.get("file")
    problem = "Choose a file first." if request.method == "POST" else ""
    if request.method == "POST" and upload is not None:
        try:
            job = _load(request, upload)
        except MappingError as error:
            problem = str(error)
        else:
            return redirect("pages:job", job.pk)
    return respond(
        request,
        "usage_upload",
        title="Upload usage",
        problem=problem,
        sent=request.POST,
        jobs=Job.objects.filter(kind="load-usage").order_by("-pk")[:_LISTED],
    )


def _load(request: HttpRequest, upload: "UploadedFile[bytes]") -> Job:
    fields: dict[str, Any] = {
        "maps": request.POST.get("map", "").split(),
        "constants": request.POST.get("set", "").split(),
        "timezone": request.POST.get("timezone") or None,
    }
    Mapping.parse(fields["maps"], fields["constants"], fields["timezone"])  # refuse it at once
    name = upload.name or "upload"
    path = keep(upload)
    arguments = {
        **fields,
        "path": str(path),
        "file_name": name,
        "file_format": guess_format(name),
        "source": "uploads",
    }
    at_once = path.stat().st_size <= AT_ONCE
    return start(kind="load-usage", arguments=arguments, user=request.user, at_once=at_once)
