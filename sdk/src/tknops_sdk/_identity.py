"""Ids made at the call: UUIDv7 whose random part is this process and the number of its event.

RFC 9562 leaves 74 bits to the maker. 42 are random, drawn once per process (again after a fork);
32 count the process's events. So the last eight hex digits of an id number the event, whoever
holds the events of a process sees which are missing, and no id costs a system call.
"""

from __future__ import annotations

import array
import os
import time
from typing import Callable, Protocol

from tknops_sdk._counting import Count

_SEQUENCE_BITS = 32
_LAST = (1 << _SEQUENCE_BITS) - 1
# The newest numbers are marked, each thread its own: no mark is lost to another.
MARKS = 512
_PREFIX = len('{"id":"')
# Where the process stands in a canonical id: the digits 15–18 and those after the variant.
_PROCESS = slice(14, 28)


class Marks(Protocol):
    """Where numbers are marked: an array, or a page outside of this process's own memory."""

    def __setitem__(self, place: int, value: int, /) -> None:
        """Mark."""


class Identity:
    """A process as the server sees it; makes the ids of its events."""

    __slots__ = ("_clock", "_sequence", "_tail", "marks")

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        """Draw the process's part."""
        drawn = int.from_bytes(os.urandom(6), "big")
        high, low = (drawn >> 30) & 0xFFF, drawn & 0x3FFFFFFF
        self._tail = f"-7{high:03x}-{0x8000 | low >> 16:04x}-{low & 0xFFFF:04x}"
        self._sequence = Count()
        self._clock = clock
        # number + 1 by number modulo MARKS; elsewhere than in this process if that can be.
        self.marks: Marks = array.array("I", bytes(4 * MARKS))

    @property
    def process(self) -> str:
        """The process's part of its ids."""
        return self._tail[1:]

    def next(self, nanoseconds: int) -> str:
        """Return the next id; `nanoseconds` since 1970."""
        milliseconds = nanoseconds // 1_000_000
        sequence = self._sequence.add() & _LAST
        self.marks[sequence % MARKS] = (sequence + 1) & _LAST
        head = f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}"
        return f"{head}{self._tail}{sequence:08x}"

    def made(self) -> int:
        """Return how many ids were made."""
        return self._sequence.value()


def process_of(event: bytes) -> str:
    """Return the process part of an encoded event's id."""
    return event[_PREFIX : _PREFIX + 36].decode("ascii", "replace")[_PROCESS]


def sequence_of(event: bytes) -> int:
    """Return the number of an encoded event within its process, -1 for an id not made here."""
    try:
        return int(event[_PREFIX + 28 : _PREFIX + 36], 16)
    except ValueError:
        return -1


def ranges(numbers: list[int]) -> str:
    """Write numbers as `0-99,101`."""
    parts: list[str] = []
    ordered = sorted({number for number in numbers if number >= 0})
    start = None
    for index, number in enumerate(ordered):
        if start is None:
            start = number
        if index + 1 == len(ordered) or ordered[index + 1] != number + 1:
            parts.append(str(start) if start == number else f"{start}-{number}")
            start = None
    return ",".join(parts)
