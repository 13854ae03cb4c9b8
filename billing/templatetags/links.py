"""Links inside the pages: month and filters go along wherever one drills."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from billing.measures import TAG_NAME, owner_of

register = template.Library()
KEPT = (
    "month",
    "basis",
    "attributes_as",
    "plan",
    "customer_group",
    "feature",
    "provider",
    "model",
    "end_user",
)
# Of a place in one table or file only: they do not go along.
_LOCAL = frozenset(("page", "format", "table", "events", "lines"))


def kept(query: Any) -> dict[str, str]:
    """Return the parameters that survive drilling: the month, the basis of cost and the filters."""
    return {
        name: query[name]
        for name in query
        if query[name] and (name in KEPT or owner_of(name) or TAG_NAME.fullmatch(name))
    }


@register.simple_tag(takes_context=True)
def drill(context: template.Context, path: str) -> str:
    """Complete a path under the admin, see address."""
    return address(context["request"], path)


def address(request: HttpRequest, path: str) -> str:
    """Complete a path under the admin with the kept parameters; its own win over them.

    What begins with / is complete.
    """
    if path.startswith("/"):
        return path
    parts = urlsplit(path)
    own = dict(parse_qsl(parts.query, keep_blank_values=True))
    query = {k: v for k, v in {**kept(request.GET), **own}.items() if v}
    place = reverse("admin:index") + parts.path
    return f"{place}?{urlencode(query)}" if query else place


@register.simple_tag(takes_context=True)
def without(context: template.Context, name: str) -> str:
    """Return the page's own address without one filter."""
    query = {k: v for k, v in context["request"].GET.items() if k not in _LOCAL | {name} and v}
    return f"?{urlencode(query)}"


@register.simple_tag(takes_context=True)
def carried(context: template.Context, selects: Any, searchable: Any) -> SafeString:
    """Keep in the form what it has no field for: sorting and filters drilled into."""
    shown: Iterable[str] = ["month", *(choice.name for choice in selects or ())]
    fields = {*shown, *(["q"] if searchable else [])}
    query = context["request"].GET.items()
    rest = [(k, v) for k, v in query if v and k not in _LOCAL and k not in fields]
    return format_html_join("", '<input type="hidden" name="{}" value="{}" />', rest)


@register.simple_tag(takes_context=True)
def page_of(context: template.Context, name: str, page: int) -> str:
    """Return the page's own address with one list turned to a page."""
    query = {k: v for k, v in context["request"].GET.items() if k not in {"format", name} and v}
    return f"?{urlencode({**query, name: str(page)})}"
