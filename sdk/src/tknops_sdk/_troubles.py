"""What went wrong: counted at the call, told by the background thread, seldom.

A logging handler may block or raise, so the host's threads never log. Texts are ours: they name
no value that was passed in.
"""

from __future__ import annotations

import time

from tknops_sdk._counting import Counts

# One warning per kind in this time, in seconds.
_EVERY = 3600.0


class Troubles:
    """Kinds of trouble, their counts and the one warning each."""

    def __init__(self) -> None:
        """Begin with none."""
        self.counts = Counts()
        self._waiting: dict[str, str] = {}
        self._told_at: dict[str, float] = {}

    def note(self, kind: str, text: str) -> None:
        """Count a trouble and leave its text to be told."""
        self.counts.add(kind)
        if kind not in self._told_at:
            self._waiting.setdefault(kind, text)

    def tell(self) -> None:
        """Log what waits; called from our own threads only."""
        if not self._waiting:
            return
        import logging

        logger = logging.getLogger("tknops_sdk")
        now = time.monotonic()
        for kind, at in list(self._told_at.items()):
            if now - at > _EVERY:
                del self._told_at[kind]
        while self._waiting:
            kind, text = self._waiting.popitem()
            self._told_at[kind] = now
            logger.warning("%s (%s; said once an hour at most)", text, kind)
