"""The audit log: each change of what a person can change, kept by triggers of the database.

So bulk writes and raw SQL are in it too, with who and from where when it came by the admin. The
log is append-only: a trigger forbids it, and the application's role has no right to change it.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pghistory
import pgtrigger
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from pghistory.middleware import HistoryMiddleware

M = TypeVar("M", bound=type[Model])


def audited(*, exclude: Sequence[str] = (), inserts: bool = True) -> Callable[[M], M]:
    """Log insertions, changes and deletions of a model; `exclude` names generated columns.

    Without `inserts` where rows come by the thousand with a record of their own (an import).
    """
    trackers = [pghistory.UpdateEvent(), pghistory.DeleteEvent()]
    if inserts:
        trackers.insert(0, pghistory.InsertEvent())
    # By statement, not by row: an import of a million rows writes its log in one insert.
    decorate: Callable[[M], M] = pghistory.track(
        *trackers, exclude=list(exclude), level=pgtrigger.Statement
    )
    return decorate


class AuditMiddleware(HistoryMiddleware):  # type: ignore[misc]
    """Note who changes something in the admin; ingestion has its own ledger and pays nothing."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the person's context."""
        if not request.path.startswith("/admin/"):
            answer: HttpResponse = self.get_response(request)
            return answer
        audited_answer: HttpResponse = super().__call__(request)
        return audited_answer
