"""Read a request body within bounds: content type, encoding, inflated size."""

import zlib

import zstandard
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from usage.ingest import BodyError

MAX_BODY = 16 * 1024 * 1024


def read_body(request: HttpRequest) -> bytes:
    """Return the decoded body of at most MAX_BODY bytes. Raises BodyError (400, 413, 415)."""
    if request.content_type not in {"application/json", ""}:
        raise BodyError("content_type", status=415, detail="Send application/json.")
    try:
        body = request.body
    except RequestDataTooBig:
        raise _too_large() from None
    except UnreadablePostError:
        raise BodyError("incomplete", detail="The body ended early.") from None
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"identity", ""}:
        return body
    if encoding == "gzip":
        return _gunzip(body)
    if encoding == "zstd":
        return _unzstd(body)
    detail = "Content-Encoding gzip, zstd or none."
    raise BodyError("content_encoding", status=415, detail=detail)


def _too_large() -> BodyError:
    return BodyError("too_large", status=413, detail="At most 16 MiB once decoded.")


def _gunzip(body: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        decoded = inflater.decompress(body, MAX_BODY + 1)
    except zlib.error:
        raise BodyError("bad_gzip", detail="The body is not valid gzip.") from None
    if len(decoded) > MAX_BODY:
        raise _too_large()
    if not inflater.eof:
        raise BodyError("bad_gzip", detail="The gzip stream is cut short.")
    return decoded


def _unzstd(body: bytes) -> bytes:
    try:
        with zstandard.ZstdDecompressor().stream_reader(body) as reader:
            decoded = reader.read(MAX_BODY + 1)
    except zstandard.ZstdError:
        raise BodyError("bad_zstd", detail="The body is not valid zstd.") from None
    if len(decoded) > MAX_BODY:
        raise _too_large()
    return bytes(decoded)
