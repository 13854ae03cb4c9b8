"""Records of a segment: a line of checksum and event. A torn or changed line is known as such."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Optional

_CHECKSUM = 9  # eight hex digits and a space


def packed(events: Sequence[bytes]) -> bytes:
    """Return the lines of events."""
    return b"".join(b"%08x %s\n" % (zlib.crc32(event), event) for event in events)


def unpacked(line: bytes) -> Optional[bytes]:
    """Return the event of a line, None if the line is not whole."""
    event = line[_CHECKSUM:-1]
    if line[-1:] != b"\n" or line[:_CHECKSUM] != b"%08x " % zlib.crc32(event):
        return None
    return event


def read(path: Path) -> Iterator[Optional[bytes]]:
    """Yield the events of a segment, None for each line that is not whole. Raises OSError."""
    with path.open("rb") as file:
        for line in file:
            yield unpacked(line)


def chunk(path: Path, offset: int, *, events: int, size: int) -> tuple[list[bytes], int, int]:
    """Return some events from `offset` on, how many lines were not whole, and the next offset.

    The next offset is that of the end where nothing is left. Raises OSError.
    """
    found: list[bytes] = []
    torn = 0
    with path.open("rb") as file:
        file.seek(offset)
        while len(found) < events and size > 0:
            line = file.readline()
            if not line:
                break
            offset += len(line)
            event = unpacked(line)
            if event is None:
                torn += 1
            else:
                found.append(event)
                size -= len(event)
    return found, torn, offset


def write_whole(descriptor: int, data: bytes) -> None:
    """Write all of it; a part that fits not is taken back, so that no line is torn by a full disk.

    Raises OSError.
    """
    before = os.lseek(descriptor, 0, os.SEEK_END)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
    except OSError:
        os.ftruncate(descriptor, before)
        raise
