"""Saved views: list, open, keep, update, copy and delete."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.explorer import WrongQuestionError
from billing.explorer.views import ViewError, duplicate, save, update, visible
from billing.models import SavedView
from billing.pages.access import page
from billing.pages.render import respond

ADD = "billing.add_savedview"
SHARE = "billing.share_savedview"
DELETE = "billing.delete_savedview"
_LONGEST_ID = 18


def opened(request: HttpRequest) -> SavedView | None:
    """Return the view of ?view=7, if there is one the person may see."""
    text = request.GET.get("view", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID):
        return None
    return visible(request.user).filter(pk=int(text)).first()


@page()
def views(request: HttpRequest) -> HttpResponse:
    """List the person's own views and the shared ones."""
    found = visible(request.user).order_by("name", "pk")
    return respond(
        request,
        "explorer_views",
        title="Saved views",
        searchable=False,
        views=[(view, _may_delete(request.user, view)) for view in found],
    )


@page()
def open_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the question of a view; the address of a view stays valid."""
    view = get_object_or_404(visible(request.user), pk=pk)
    return redirect(_address(view))


@page(ADD)
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the question of the form under a new name."""
    return _kept(request, lambda: save(owner=request.user, **_fields(request, None)))


@page(ADD)
@require_POST
def update_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the question of the form into a view; its owner only."""
    view = get_object_or_404(SavedView, pk=pk, owner=request.user)
    return _kept(request, lambda: update(view=view, **_fields(request, view)))


@page(ADD)
@require_POST
def copy_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy a view into a private one of the person's own."""
    made = duplicate(view=get_object_or_404(visible(request.user), pk=pk), owner=request.user)
    messages.success(request, f"{made.name} kept")
    return redirect(_address(made))


@page(ADD)
@require_POST
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a view: one's own, or a shared one with the right to."""
    view = get_object_or_404(visible(request.user), pk=pk)
    if not _may_delete(request.user, view):
        raise PermissionDenied
    view.delete()
    messages.success(request, f"{view.name} deleted")
    return redirect("pages:explorer-views")


def _may_delete(user: Any, view: SavedView) -> bool:
    return bool(view.owner_id == user.pk or user.has_perm(DELETE))


def _fields(request: HttpRequest, view: SavedView | None) -> dict[str, Any]:
    """Read the form; what was shared stays so for who may not share."""
    may = request.user.has_perm(SHARE)
    return {
        "name": request.POST.get("name", ""),
        "description": request.POST.get("description", ""),
        "query": request.POST.get("query", ""),
        "shared": "shared" in request.POST if may else bool(view and view.shared),
        "pinned": "pinned" in request.POST,
        "today": timezone.localdate(),
    }


def _kept(request: HttpRequest, keep: Any) -> HttpResponse:
    try:
        view = keep()
    except (ViewError, WrongQuestionError) as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('pages:explorer')}?{request.POST.get('query', '')}")
    messages.success(request, f"{view.name} kept")
    return redirect(_address(view))


def _address(view: SavedView) -> str:
    return f"{reverse('pages:explorer')}?{view.query}&view={view.pk}"
