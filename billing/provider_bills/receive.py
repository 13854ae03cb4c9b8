"""Take note of the files of a bill: what they are and what was said with them; nothing is read."""

import hashlib
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.db import transaction

from billing.importers import keep
from billing.importers.kept import folder
from billing.models import ProviderImport, ProviderInvoice

AUTO = "auto"
_SOURCE = ProviderInvoice.Source
FORMATS = {
    "openai-costs": _SOURCE.OPENAI_COSTS,
    "openai-usage": _SOURCE.OPENAI_USAGE,
    "anthropic-cost": _SOURCE.ANTHROPIC_COST,
    "anthropic-usage": _SOURCE.ANTHROPIC_USAGE,
    "focus": _SOURCE.FOCUS,
    "template": _SOURCE.GENERIC,
}
MOST_FILES = 50
_LARGEST = Decimal(10) ** 10
_NAME, _PROVIDER = 200, 100
Sent = tuple[Iterable[bytes], str]


def receive_bill(
    *,
    files: Sequence[Sent],
    form: str = AUTO,
    provider: str = "",
    total: str = "",
    rate: str = "",
    user: Any = None,
    api_key: Any = None,
) -> ProviderImport:
    """Keep the files of one bill, each its content and name, until they are read.

    `form` says what they are, else that is told by what is in them; `provider` where they name
    none; `total` as on the invoice and `rate`, reporting currency a unit, as they were typed.
    Raises ValueError naming what is wrong and what is accepted; then nothing stays.
    """
    given = {
        "format": _known(form),
        "provider": provider.strip().lower()[:_PROVIDER],
        "total": _number("total", total),
        "rate": _number("rate", rate),
    }
    if not 1 <= len(files) <= MOST_FILES:
        message = f"{len(files)} files at once; accepted: 1 to {MOST_FILES}"
        raise ValueError(message)
    kept: list[dict[str, Any]] = []
    try:
        for chunks, name in files:
            path = keep(chunks)
            kept.append({"kept": path.name, "name": name.replace("\x00", "")[-_NAME:]})
            kept[-1]["sha256"] = _mark(path)
        return ProviderImport.objects.create(
            file_name=_together([one["name"] for one in kept]),
            files=kept,
            content_sha256=content_mark([one["sha256"] for one in kept]),
            given=given,
            created_by=user,
            api_key=api_key,
        )
    except BaseException:
        _remove(kept)
        raise


def kept_path(file: dict[str, Any]) -> Path:
    """Return where a file of an import is kept until it was read."""
    return folder() / str(file.get("kept") or "none")


def kept_bytes(made: ProviderImport) -> int:
    """Return how much of an import is still to be read."""
    paths = [kept_path(one) for one in made.files]
    return sum(path.stat().st_size for path in paths if path.exists())


def drop_kept(files: Sequence[dict[str, Any]]) -> None:
    """Remove files that were read, once that is committed."""
    transaction.on_commit(lambda: _remove(files))


def content_mark(hashes: Sequence[str]) -> str:
    """Return the mark of files together, in whatever order they came."""
    return hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest()


def _remove(files: Sequence[dict[str, Any]]) -> None:
    for one in files:
        if one.get("kept"):
            kept_path(one).unlink(missing_ok=True)


def _mark(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _together(names: Sequence[str]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0][:180]}{more}"


def _known(form: str) -> str:
    if form not in {AUTO, *FORMATS}:
        message = f"format: {form!r} is not one of {', '.join([AUTO, *FORMATS])}"
        raise ValueError(message)
    return form


def _number(field: str, text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    try:
        found = Decimal(text)
        good = found.is_finite() and abs(found) < _LARGEST and (field != "rate" or found > 0)
    except InvalidOperation:
        good = False
    if not good:
        message = f"{field}: {text[:40]!r} is not a number like 8120.40"
        raise ValueError(message)
    return f"{found:f}"
