"""What a request sent: files as a form or as the body, and what was said beside them."""

from collections.abc import Iterable, Iterator
from typing import Any

from rest_framework.exceptions import APIException, UnsupportedMediaType, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from billing.importers.kept import LARGEST
from tknops.jobs.models import Job

ERRORS = {
    413: {"description": "Larger than is taken: send it in parts."},
    415: {"description": "A content encoding, or a form without a file."},
}
_CHUNK = 1 << 20


class LargeFileError(APIException):
    """The file is larger than is taken."""

    status_code = 413
    default_code = "too_large"


class FileParser(BaseParser):
    """Any other body is the file itself; the view reads it piece by piece."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Read nothing yet."""
        return {}


def sent(request: Request) -> tuple[list[tuple[Iterable[bytes], str]], dict[str, str]]:
    """Return the files, each its pieces and name, at least one, and the parameters.

    Raises LargeFileError, UnsupportedMediaType, ValidationError.
    """
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType(request.headers["Content-Encoding"])
    stated = str(request.META.get("CONTENT_LENGTH") or "")
    if stated.isdigit() and int(stated) > LARGEST + _CHUNK:
        message = f"the file has more than {LARGEST // 2**20} MiB; send it in parts"
        raise LargeFileError(message)
    asked = {key: str(value) for key, value in request.query_params.items()}
    kind = (request.content_type or "").split(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return [(_pieces(request), asked.get("file_name") or "sent by API")], asked
    uploads = request.FILES.getlist("file")
    if not uploads:
        message = "the form has no field `file`; or send the file itself as the body"
        raise ValidationError({"detail": message})
    asked |= {key: str(value) for key, value in request.POST.items()}
    return [(upload.chunks(), upload.name or "upload") for upload in uploads], asked


def _pieces(request: Request) -> Iterator[bytes]:
    # Django reads no body without a length; the server ends a chunked one by itself.
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    stream: Any = request.META["wsgi.input"] if chunked else request
    while piece := stream.read(_CHUNK):
        yield piece


def is_on(asked: dict[str, str], name: str) -> bool:
    """Tell whether a parameter was set."""
    return asked.get(name) in {"1", "true"}


def job_as_dict(job: Job | None) -> dict[str, Any] | None:
    """Write a job as it is answered."""
    if job is None:
        return None
    return {
        "id": job.pk,
        "state": job.state.lower(),
        "progress": job.progress,
        "total": job.total,
        "error": job.error,
    }
