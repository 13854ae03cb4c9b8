"""Answers this process remembers, each under a key that names what it was made from."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from django.conf import settings

from billing.margin.size import size_of

Made = TypeVar("Made")
_MIB = 1024 * 1024


class Room:
    """Bytes that memories share: the most recently used answers of all of them, up to a limit."""

    def __init__(self, limit: Callable[[], int]) -> None:
        """Take how many bytes there may be; asked anew for each answer."""
        self._limit = limit
        self._taken = 0
        self._held: OrderedDict[Hashable, tuple[int, object]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many bytes the answers have."""
        return self._taken

    def find(self, key: Hashable) -> tuple[int, object] | None:
        """Return an answer with its size, from now on the latest used; None if there is none."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def keep(self, key: Hashable, size: int, made: object) -> None:
        """Keep an answer, and as many of the others as there is room for.

        What takes more than half of it is not kept: it would push too many out.
        """
        limit = self._limit()
        if size > limit // 2:
            return
        with self._lock:
            self._taken += size - self._held.pop(key, (0, None))[0]
            self._held[key] = (size, made)
            while self._taken > limit:
                _, (gone, _) = self._held.popitem(last=False)
                self._taken -= gone

    def clear(self, of: "Memory") -> None:
        """Forget all answers of a memory, whose keys begin with it."""
        with self._lock:
            for key in [key for key in self._held if cast("tuple[Any, ...]", key)[0] is of]:
                self._taken -= self._held.pop(key)[0]


# One limit for all of a process, in bytes: answers differ a thousandfold in what a row of theirs
# takes, and limits of their own would all have to be full before the process is at its worst.
_ROOM = Room(lambda: settings.ANSWERS_MEMORY_MB * _MIB)


class Memory:
    """The answers to one kind of question; all kinds share the room of the process."""

    def __init__(self, room: Room = _ROOM) -> None:
        """Remember in this room."""
        self._room = room

    def get(
        self,
        key: Hashable,
        make: Callable[[], Made],
        own: Callable[[Made], object] = lambda made: made,
    ) -> Made:
        """Return what is remembered under the key, or make and remember it.

        `own`: the part of it that it does not share with other answers, which is what it takes.
        """
        if found := self._room.find((self, key)):
            return cast("Made", found[1])
        made = make()
        self._room.keep((self, key), size_of(key) + size_of(own(made)), made)
        return made

    def peek(self, key: Hashable) -> Any:
        """Return what is remembered under the key, or None."""
        found = self._room.find((self, key))
        return found[1] if found else None

    def clear(self) -> None:
        """Forget everything."""
        self._room.clear(self)
