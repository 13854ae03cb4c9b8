"""Read a request body within bounds: content type, encoding, inflated size."""

import zlib
from collections.abc import Callable

import zstandard
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from usage.ingest import BodyError

_MIB = 1024 * 1024
_CHUNK = 64 * 1024


def read_body(request: HttpRequest, *, accepted: frozenset[str], limit: int) -> bytes:
    """Return the decoded body of at most `limit` bytes. Raises BodyError (400, 413, 415)."""
    if request.content_type not in accepted:
        detail = f"Send {' or '.join(sorted(filter(None, accepted)))}."
        raise BodyError("content_type", status=415, detail=detail)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in _DECODED:
        raise BodyError("content_encoding", status=415)
    return _DECODED[encoding](_sent(request, limit), limit)


def _sent(request: HttpRequest, limit: int) -> bytes:
    """Read what was sent; the length a client states is not trusted."""
    # Django reads no body without a length; the server ends a chunked one by itself.
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    stream = request.META["wsgi.input"] if chunked else request
    parts, size = [], 0
    try:
        while part := stream.read(_CHUNK):
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
    except (UnreadablePostError, OSError):
        raise BodyError("incomplete") from None
    body = b"".join(parts)
    stated = str(request.META.get("CONTENT_LENGTH") or "")
    if not chunked and stated.isdigit() and size < int(stated):
        raise BodyError("incomplete")
    return body


def _too_large(limit: int) -> BodyError:
    detail = f"At most {limit // _MIB} MiB once decoded."
    return BodyError("too_large", status=413, detail=detail)


def _plain(body: bytes, _limit: int) -> bytes:
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        decoded = inflater.decompress(body, limit + 1)
    except zlib.error:
        raise BodyError("bad_gzip") from None
    if len(decoded) > limit:
        raise _too_large(limit)
    if not inflater.eof:
        raise BodyError("bad_gzip", detail="The gzip stream is cut short.")
    return decoded


def _unzstd(body: bytes, limit: int) -> bytes:
    try:
        with zstandard.ZstdDecompressor().stream_reader(body) as reader:
            decoded = reader.read(limit + 1)
    except zstandard.ZstdError:
        raise BodyError("bad_zstd") from None
    if len(decoded) > limit:
        raise _too_large(limit)
    return bytes(decoded)


_DECODED: dict[str, Callable[[bytes, int], bytes]] = {
    "identity": _plain,
    "": _plain,
    "gzip": _gunzip,
    "zstd": _unzstd,
}
