"""Changes of attributes, parents and rules of shared cost: looked at in money, taken back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from billing.pages.access import CHANGE, page
from billing.pages.render import respond
from billing.reports.dated_moves import DatedMoves, rehearsed
from billing.undo import CannotUndoError, Change, change_of, changes, folded, take_back

_LISTED = 200


@page()
def dated_changes(request: HttpRequest) -> HttpResponse:
    """List what was changed, the newest first; many of a kind in a row as one."""
    found = changes(limit=_LISTED)
    return respond(
        request,
        "dated_changes",
        title="Changes of meaning",
        searchable=False,
        changes=found,
        folds=folded(found),
    )


@page()
def dated_change(request: HttpRequest, key: str) -> HttpResponse:
    """Show one change and the money that taking it back would move."""
    change = _found(key)
    problem, moved = "", None
    try:
        _, moved = _rehearsed(change)
    except CannotUndoError as error:
        problem = f"It cannot be taken back: {error}."
    return respond(
        request,
        "dated_change",
        title="Take a change back",
        change=change,
        problem=problem,
        more=moved.tables if moved else [],
        searchable=False,
        may_change=request.user.has_perm(CHANGE),
        parent=("Changes of meaning", "dated-changes"),
    )


@require_POST
@page(CHANGE)
def undo_change(request: HttpRequest, key: str) -> HttpResponse:
    """Take a change back."""
    change = _found(key)
    try:
        take_back(change)
    except CannotUndoError as error:
        messages.error(request, f"Not taken back: {error}.")
        return redirect("pages:dated-change", key)
    messages.success(request, f"{len(change.items):,} rows are as they were; the log has both.")
    return redirect("pages:dated-changes")


def _rehearsed(change: Change) -> tuple[None, DatedMoves]:
    return rehearsed(lambda: take_back(change))


def _found(key: str) -> Change:
    found = change_of(key)
    if found is None:
        message = f"no change {key!r} is in the log"
        raise Http404(message)
    return found
