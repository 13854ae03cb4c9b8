"""How far a job is, written beside its work: seen at once, whatever transaction the work is in."""

import time
from collections.abc import Callable
from types import TracebackType

from django.db import connection
from django.utils import timezone

# What work calls with (done, total); total None = not known.
Report = Callable[[int, int | None], None]
_EVERY = 0.3


class JobCancelledError(Exception):
    """Somebody asked the job to stop; its work must leave nothing half done."""


class Progress:
    """Report progress over a connection of its own, which also hears a wish to cancel."""

    def __init__(self, job_id: int) -> None:
        """Take the job; open the connection with the first report."""
        self._job_id = job_id
        self._connection = connection.copy()
        self._next = 0.0

    def __enter__(self) -> "Progress":
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._connection.close()

    def report(self, done: int, total: int | None = None) -> None:
        """Write how far it is, at most every 0.3 seconds. Raises JobCancelledError."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE jobs_job SET progress = %s, total = coalesce(%s, total), heartbeat_at = %s "
                "WHERE id = %s RETURNING cancel_asked_at",
                [done, total, timezone.now(), self._job_id],
            )
            row = cursor.fetchone()
        if row and row[0]:
            raise JobCancelledError


def unreported(_done: int, _total: int | None = None) -> None:
    """Report to nobody."""
