"""Upload a file of usage: choose it, say what its columns are, see what would be, load it."""

import zoneinfo
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from billing.pages.access import CHANGE, page
from billing.pages.received_files import AT_ONCE, keep
from billing.pages.render import respond
from tknops.jobs.models import Job
from tknops.jobs.run import start
from usage.ingest.providers import ALIASES
from usage.loading import FORMATS, FileError, LoadReport, Mapping, MappingError, load_file
from usage.loading.columns import OFFERED, Head, head, suggest
from usage.loading.formats import NATIVE
from usage.models import Source

_LISTED = 20
_A_DAY = 24 * 3600
_SALT = "usage-upload"
_SOURCE = "uploads"


@page(CHANGE)
def usage_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form and list what was loaded; a file sent is kept and looked at."""
    upload = request.FILES.get("file")
    if request.method == "POST" and upload is not None:
        kept = {"path": keep(upload).name, "name": upload.name or "upload"}
        token = signing.dumps(kept, salt=_SALT, compress=True)
        return redirect(reverse("pages:usage-columns", args=[token]))
    return respond(
        request,
        "usage_upload",
        title="Upload usage",
        missing=request.method == "POST",
        jobs=Job.objects.filter(kind="load-usage").order_by("-pk")[:_LISTED],
    )


@dataclass(frozen=True, slots=True)
class Answers:
    """What the form says: the format, columns and constants by field, the zone."""

    file_format: str
    columns: dict[str, str]
    constants: dict[str, str]
    zone: str

    @classmethod
    def first(cls, found: Head) -> "Answers":
        """Guess them from the file."""
        columns = suggest(found.names) if found.file_format in NATIVE else {}
        return cls(found.file_format, columns, {}, "")

    @classmethod
    def sent(cls, request: HttpRequest) -> "Answers":
        """Read the form; a constant stands in only where no column is chosen."""
        form = {key: str(value).strip() for key, value in request.POST.items()}
        columns = {f.name: form.get(f"column-{f.name}", "") for f in OFFERED}
        columns = {name: column for name, column in columns.items() if column}
        constants = {f.name: form.get(f"constant-{f.name}", "") for f in OFFERED}
        return cls(
            form.get("format", "") if form.get("format") in FORMATS else "native",
            columns,
            {name: value for name, value in constants.items() if value and name not in columns},
            form.get("timezone", ""),
        )

    def arguments(self) -> dict[str, Any]:
        """Return them as the loader's options."""
        return {
            "file_format": self.file_format,
            "maps": [f"{name}={column}" for name, column in self.columns.items()],
            "constants": [f"{name}={value}" for name, value in self.constants.items()],
            "timezone": self.zone or None,
        }

    def lacking(self) -> list[str]:
        """Name the required fields of a table that have neither a column nor a constant."""
        given = {*self.columns, *self.constants}
        if self.file_format not in NATIVE:
            return []
        return [f.label for f in OFFERED if f.required and f.name not in given]

    def fields(self) -> list[tuple[Any, str, str]]:
        """List each field offered with its column and constant."""
        return [(f, self.columns.get(f.name, ""), self.constants.get(f.name, "")) for f in OFFERED]


@page(CHANGE)
def usage_columns(request: HttpRequest, token: str) -> HttpResponse:
    """Show the file's columns with a guess; check the first rows; load it when asked to."""
    path, name = _kept(token)
    try:
        found = head(path)
    except FileError as error:
        messages.error(request, str(error).replace(path.name, name))
        return redirect("pages:usage-upload")
    answers = Answers.sent(request) if request.method == "POST" else Answers.first(found)
    report, problem = _rehearse(path, answers)
    loadable = bool(report and (report.counts["stored"] or report.counts["duplicate"]))
    if request.POST.get("load") and not problem:
        return _load(request, path, name, answers)
    return respond(
        request,
        "usage_columns",
        title=f"Usage file {name}",
        head=found,
        answers=answers,
        native=answers.file_format in NATIVE,
        formats=FORMATS,
        zones=sorted(zoneinfo.available_timezones()),
        providers=sorted(set(ALIASES.values())),
        needed=[] if loadable else answers.lacking(),
        report=report,
        zone_missing=bool(report and report.codes["timestamp_no_offset"]),
        loadable=loadable,
        problem=problem,
    )


def _kept(token: str) -> tuple[Path, str]:
    try:
        kept = signing.loads(token, salt=_SALT, max_age=_A_DAY)
    except signing.BadSignature:
        raise Http404 from None
    path = Path(settings.UPLOAD_DIR) / kept["path"]
    if not path.exists():
        raise Http404
    return path, kept["name"]


def _rehearse(path: Path, answers: Answers) -> tuple[LoadReport | None, str]:
    """Say what would become of the first batch; nothing is stored."""
    asked = answers.arguments()
    seen = iter((False,))
    source, _ = Source.objects.get_or_create(name=_SOURCE)
    try:
        report = load_file(
            path,
            source=source,
            file_format=asked["file_format"],
            mapping=Mapping.parse(asked["maps"], asked["constants"], asked["timezone"]),
            cancelled=lambda: next(seen, True),
            dry_run=True,
        )
    except (MappingError, FileError) as error:
        return None, str(error)
    return report, ""


def _load(request: HttpRequest, path: Path, name: str, answers: Answers) -> HttpResponse:
    job = start(
        kind="load-usage",
        arguments={
            **answers.arguments(), "path": str(path), "file_name": name, "source": _SOURCE,
        },
        user=request.user,
        at_once=path.stat().st_size <= AT_ONCE,
    )  # fmt: skip
    return redirect("pages:job", job.pk)
