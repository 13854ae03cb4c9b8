"""Events the server refuses for good: kept in a file, counted, to be looked at and replayed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

FOLDER = "dead"
_MAX_BYTES = 16 * 1024 * 1024


def bury(
    folder: Optional[Path], process: str, events: Sequence[bytes], codes: Mapping[int, str],
    status: int,
) -> bool:  # fmt: skip
    """Append events with the code of each; tell whether they are kept."""
    if folder is None:
        return False
    path = folder / FOLDER / f"{process}.jsonl"
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    lines = []
    for index, event in enumerate(events):
        about = {"at": at, "status": status, "code": codes.get(index, "")}
        lines.append(json.dumps(about).encode()[:-1] + b', "event": ' + event + b"}\n")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.fstat(descriptor).st_size > _MAX_BYTES:
                return False
            os.write(descriptor, b"".join(lines))
        finally:
            os.close(descriptor)
    except OSError:
        return False
    return True
