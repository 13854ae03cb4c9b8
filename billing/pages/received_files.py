"""Files a browser sent, kept under names of ours until they are read."""

import secrets
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

# Small enough to be read while the person waits; larger ones are read by a worker.
AT_ONCE = 256 * 1024


def keep(upload: "UploadedFile[bytes]") -> Path:
    """Store an upload under a random name; the client's name is never part of a path."""
    folder = Path(settings.UPLOAD_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / secrets.token_hex(16)
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path
