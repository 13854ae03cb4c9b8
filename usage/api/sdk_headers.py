"""Read what an SDK says in its `Tknops-Sdk-*` headers; what cannot be read is as if unsaid."""

import re

from django.http import HttpRequest

from usage.ingest import Said
from usage.models.sdk import MAX_NUMBER

_PROCESS = re.compile(r"7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{4}")
_VERSION = re.compile(r"[A-Za-z0-9._+-]{1,20}/[A-Za-z0-9._+-]{1,20}")
_COUNT = re.compile(r"[0-9]{1,10}", re.ASCII)
_REASONS = frozenset(
    ("queue_full", "spool_full", "spool_expired", "spool_unreadable", "spool_torn")
)
_OTHER = "other"
_MOST = 20
_MAX_LENGTH = 1000


def said(request: HttpRequest) -> Said | None:
    """Return who sends, None for what is no SDK; nothing here refuses a request."""
    process = request.META.get("HTTP_TKNOPS_SDK_PROCESS", "")
    if not _PROCESS.fullmatch(process):
        return None
    version = request.META.get("HTTP_TKNOPS_SDK", "")
    return Said(
        process=process,
        version=version if _VERSION.fullmatch(version) else "",
        created=_count(request.META.get("HTTP_TKNOPS_SDK_CREATED", "")),
        dropped=_dropped(request.META.get("HTTP_TKNOPS_SDK_DROPPED", "")),
        ended=request.META.get("HTTP_TKNOPS_SDK_ENDED") == "1",
    )


def _count(text: str) -> int:
    return min(int(text), MAX_NUMBER) if _COUNT.fullmatch(text) else 0


def _dropped(text: str) -> dict[str, int]:
    """Read `queue_full=3, spool_full=1`; reasons not known here are one."""
    found: dict[str, int] = {}
    if not text or len(text) > _MAX_LENGTH:
        return found
    for part in text.split(",")[:_MOST]:
        reason, _, number = part.strip().partition("=")
        if count := _count(number):
            name = reason if reason in _REASONS else _OTHER
            found[name] = min(found.get(name, 0) + count, MAX_NUMBER)
    return found
