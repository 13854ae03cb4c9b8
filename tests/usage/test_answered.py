"""An answer of the API is gone with its last user; no collector has to find it."""

import gc
import weakref

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from usage.api.answered import AnswerView


class View(AnswerView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, request):
        made = (Response if "rows" in request.GET else HttpResponse)({"rows": [1, 2]})
        made["X-Made"] = "yes"
        return made


@pytest.mark.parametrize("query", ["rows", ""])
def test_an_answer_is_freed_without_the_collector(query):
    gc.disable()
    try:
        answer = View.as_view()(RequestFactory().get(f"/?{query}"))
        if query:
            answer.render()
            assert answer.content == b'{"rows":[1,2]}'
        assert answer["X-Made"] == "yes"
        gone = weakref.ref(answer)
        del answer
        assert gone() is None
    finally:
        gc.enable()


def views(patterns, path=""):
    for one in patterns:
        if hasattr(one, "url_patterns"):
            yield from views(one.url_patterns, path + str(one.pattern))
        elif isinstance(cls := getattr(one.callback, "cls", None), type):
            yield path + str(one.pattern), cls


def test_every_view_of_the_api_frees_its_answer():
    found = {
        path: cls
        for path, cls in views(get_resolver().url_patterns)
        # Lists are of a page's rows.
        if path.startswith("api/v1/") and not issubclass(cls, ViewSetMixin)
    }
    assert "api/v1/reports/margin" in found
    kept = [path for path, cls in found.items() if issubclass(cls, APIView)]
    assert [path for path in kept if not issubclass(found[path], AnswerView)] == []
