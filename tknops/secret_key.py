"""The installation's secret key, made once and kept in the data folder."""

import os
import secrets
from pathlib import Path


def secret_key(data_dir: Path) -> str:
    """Read the key of this data folder, making it (mode 0600) on the first start."""
    path = data_dir / "secret_key"
    try:
        return path.read_text()
    except FileNotFoundError:
        data_dir.mkdir(parents=True, exist_ok=True)
    key = secrets.token_urlsafe(64)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process of the same start was first
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
