"""Files a browser sent, kept under names of ours until they are read."""

import secrets
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

# Small enough to be read while the person waits; larger ones are read by a worker.
AT_ONCE = 256 * 1024
_ENDINGS = frozenset((".csv", ".json", ".jsonl", ".gz", ".parquet"))


def keep(upload: "UploadedFile[bytes]") -> Path:
    """Store an upload under a random name; of the client's name only a known ending is kept."""
    ending = "".join(part for part in Path(upload.name or "").suffixes if part.lower() in _ENDINGS)
    folder = Path(settings.UPLOAD_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}{ending.lower()}"
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path
