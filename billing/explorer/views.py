"""Saved views: questions kept under a name, their owner's or shared."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from billing.explorer.address import parse_query
from billing.models import SavedView
from billing.models.view import LONGEST_QUERY

_PINNED = 10


class ViewError(ValueError):
    """Why a view cannot be kept; the message says what is accepted."""


def visible(user: Any) -> "QuerySet[SavedView, SavedView]":
    """Return the user's own views and those others share."""
    return SavedView.objects.filter(Q(owner=user) | Q(shared=True)).select_related("owner")


def pinned(user: Any) -> list[SavedView]:
    """Return what stands in the user's navigation: own and shared pinned views."""
    return list(visible(user).filter(pinned=True).order_by("name", "pk")[:_PINNED])


def save(
    *,
    owner: Any,
    name: str,
    query: str,
    today: dt.date,
    description: str = "",
    shared: bool = False,
    pinned: bool = False,
) -> SavedView:
    """Keep a question under a name of its owner's. Raises ViewError, WrongQuestionError."""
    view = SavedView(owner=owner, name=name.strip(), description=description.strip())
    return _keep(view, query=query, shared=shared, pinned=pinned, today=today)


def update(
    *,
    view: SavedView,
    name: str,
    query: str,
    today: dt.date,
    description: str = "",
    shared: bool = False,
    pinned: bool = False,
) -> SavedView:
    """Put another question, name or description into a view.

    Raises ViewError, WrongQuestionError.
    """
    view.name, view.description = name.strip(), description.strip()
    return _keep(view, query=query, shared=shared, pinned=pinned, today=today)


def duplicate(*, view: SavedView, owner: Any) -> SavedView:
    """Copy a view into a private one of the owner's, under the first free name."""
    taken = set(SavedView.objects.filter(owner=owner).values_list("name", flat=True))
    copies = (
        f"{view.name[:70]} (copy{f' {n}' if n > 1 else ''})" for n in range(1, len(taken) + 2)
    )
    name = next(copy for copy in copies if copy not in taken)
    return SavedView.objects.create(
        owner=owner, name=name, description=view.description, query=view.query
    )


def _keep(view: SavedView, *, query: str, shared: bool, pinned: bool, today: dt.date) -> SavedView:
    view.query = parse_query(query, today=today).query
    view.shared, view.pinned = shared, pinned
    for field, text, most in (
        ("name", view.name, 80),
        ("description", view.description, 300),
        ("question", view.query, LONGEST_QUERY),
    ):
        if len(text) > most or "\0" in text:
            message = f"the {field} has {len(text):,} characters; accepted: up to {most:,}, no NUL"
            raise ViewError(message)
    if not view.name:
        message = "a view needs a name; accepted: 1 to 80 characters"
        raise ViewError(message)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        message = f"{view.owner} has a view named {view.name!r} already; accepted: another name"
        raise ViewError(message) from error
    return view
