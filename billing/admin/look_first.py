"""Attributes and parents in the admin: the money a change moves is shown before it is stored."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.messages.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from billing.reports.dated_moves import rehearsed
from customers import admin as people
from customers.models import (
    Customer,
    CustomerAttribute,
    CustomerParent,
    EndUser,
    EndUserAttribute,
    Team,
    TeamAttribute,
)
from usage.admin import meaning
from usage.models import Feature, FeatureAttribute

_SEEN = "_money_seen"
# Where Django keeps the messages of a request.
_MESSAGES = "_messages"


class LookFirst:
    """Stores a form at once where no money moves, else after a second look."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Rehearse what is posted; ask again if reports would read otherwise."""
        view: Callable[..., HttpResponse] = super().changeform_view  # type: ignore[misc]
        if request.method != "POST" or _SEEN in request.POST:
            return view(request, *args, **kwargs)
        answer, moved = rehearsed(lambda: _unsaid(request, view, *args, **kwargs))
        if answer.status_code != 302:
            return answer  # the form is wrong, and says so
        if not moved.tables:
            return view(request, *args, **kwargs)
        return render(
            request,
            "tknops/admin/look_first.html",
            {
                **admin.site.each_context(request),
                "title": "This moves money",
                "tables": moved.tables,
                "posted": [
                    (key, value)
                    for key, values in request.POST.lists()
                    for value in values
                    if key != "csrfmiddlewaretoken"
                ],
                "seen": _SEEN,
                "back": request.get_full_path(),
            },
        )


def _unsaid(
    request: HttpRequest, view: Callable[..., HttpResponse], *args: Any, **kwargs: Any
) -> HttpResponse:
    """Answer without a message to the person: nothing is stored, so nobody is told it was."""
    kept = messages.get_messages(request)
    setattr(request, _MESSAGES, default_storage(request))
    try:
        return view(request, *args, **kwargs)
    finally:
        setattr(request, _MESSAGES, kept)


def _looking(model: Any, registered: Any) -> None:
    """Register a model with the page it has, and a look before."""
    admin.site.unregister(model)
    admin.site.register(model, type(registered.__name__, (LookFirst, registered), {}))


for _model, _registered in (
    (Customer, people.CustomerAdmin),
    (CustomerAttribute, people.CustomerAttributeAdmin),
    (CustomerParent, people.CustomerParentAdmin),
    (EndUser, people.EndUserAdmin),
    (EndUserAttribute, people.EndUserAttributeAdmin),
    (Team, people.TeamAdmin),
    (TeamAttribute, people.TeamAttributeAdmin),
    (Feature, meaning.FeatureAdmin),
    (FeatureAttribute, meaning.FeatureAttributeAdmin),
):
    _looking(_model, _registered)
