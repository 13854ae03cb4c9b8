"""Files that were sent, kept under names of ours until an import is decided on."""

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from billing.models import BillingImport

LARGEST = 512 * 1024 * 1024


class TooLargeError(ValueError):
    """The file is larger than is taken."""


def keep(chunks: Iterable[bytes]) -> Path:
    """Store a file under a random name; nothing of the sender's name is used.

    Raises TooLargeError; then nothing stays.
    """
    path = folder() / f"{secrets.token_hex(16)}.billing"
    try:
        with path.open("xb") as file:
            for chunk in _bounded(chunks):
                file.write(chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            message = f"the file has more than {LARGEST // 2**20} MiB; send it in parts"
            raise TooLargeError(message)
        yield chunk


def folder() -> Path:
    """Return the folder of kept files, made if need be."""
    found = Path(settings.UPLOAD_DIR)
    found.mkdir(parents=True, exist_ok=True)
    return found


def kept_file(made: BillingImport) -> Path | None:
    """Return the file of an import while it is kept."""
    path = folder() / made.kept_as if made.kept_as else None
    return path if path and path.exists() else None


def drop(made: BillingImport) -> None:
    """Remove the file of an import that was decided on."""
    if made.kept_as:
        (folder() / made.kept_as).unlink(missing_ok=True)
