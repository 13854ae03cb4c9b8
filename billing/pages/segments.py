"""Segments: figures by an attribute, the group of customers or a named tag, then or now."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from billing.dimensions import attributes, known, named_tags
from billing.margin import margin
from billing.measures import DIMENSIONS, GROUP, is_dated
from billing.pages.access import page
from billing.pages.filters import (
    Choice,
    attributes_on,
    attributes_read,
    chips,
    chosen,
    reading,
)
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.segments import segments as build
from customers.models import CustomerParent

_ACCEPTED = ("plan", "provider", "model", "customer.", "tag.")
_COST_ONLY = "{}: revenue does not know it, so it stands whole in one row (not split)."


@page()
def segments(request: HttpRequest) -> HttpResponse:
    """Show one dimension of ?by=; a row leads to its customers, or to its features."""
    month = picked(request)
    options = _options()
    by = request.GET.get("by", "")
    by = by if by in dict(options) else options[0][0]
    found = known(by)
    filters = chosen(request, _ACCEPTED)
    question = partial(margin, filters=filters, attributes_on=attributes_on(request))
    now = question(by=[by], period=month.period)
    offered = [Choice("by", "By", by, options[1:], unset=options[0][1]), reading(request)]
    return respond(
        request,
        "page",
        title="Segments",
        table=build(
            now,
            question(by=[by], period=month.before),
            question(by=[by, "customer"], period=month.period),
            label=found.label,
            has_revenue=found.has_revenue,
            parameter=found.name,
        ),
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        empty=not now.rows,
        selects=offered,
        chips=chips(filters, offered=offered),
        attributes_read=attributes_read(request, [by]),
        note="" if found.has_revenue else _COST_ONLY.format(found.label),
        explained=[
            ("Customer group", "the topmost parent on the day; without a parent, itself"),
            ("Attributes", "as they were on each day of usage or revenue, or as they are today"),
        ] if is_dated(by) else [],
    )  # fmt: skip


def _options() -> list[tuple[str, str]]:
    """Offer the attributes, the group (first where there are parents), and the named tags."""
    group = [(GROUP, DIMENSIONS[GROUP].label)]
    rest = [(found.name, found.label) for found in attributes()]
    tags = [(tag.key, tag.label) for tag in named_tags()]
    grouped = CustomerParent.objects.exists()
    return [*group, *rest, *tags] if grouped else [*rest, *group, *tags]
