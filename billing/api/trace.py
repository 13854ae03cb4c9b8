"""GET /api/v1/reports/trace and /api/v1/events/<event>: from a figure to its lines, and back."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.openapi import PLACED, TRACE
from billing.margin.query import NOW, THEN, attributes_day
from billing.measures import CONTRACTED, COST_BASES
from billing.trace import LONGEST_PAGE, Decided, cursor, decided, place, rendering, trace
from tknops.calendar import parse_period
from usage.api.answered import AnswerView
from usage.attribution import EFFECTS

_OWN = frozenset(
    ("start", "end", "cursor", "closed_cursor", "page_size", "check", "basis", "attributes", "why")
)
_PAGE = 100


class TraceView(AnswerView):
    """The lines a figure is made of."""

    @extend_schema(
        parameters=[
            OpenApiParameter("start", str, required=True, description="2026-10, inclusive."),
            OpenApiParameter("end", str, required=True, description="2026-11, exclusive."),
            OpenApiParameter("cursor", str, description="`next_cursor` of the page before."),
            OpenApiParameter(
                "closed_cursor", str, description="`closed.next_cursor` of the page before."
            ),
            OpenApiParameter("page_size", str, description=f"1 to {LONGEST_PAGE}, else {_PAGE}."),
            OpenApiParameter(
                "check", str, enum=["0", "1"], description="0: do not sum all lines; 1 if none."
            ),
            OpenApiParameter(
                "basis", str, enum=list(COST_BASES), description="What cost is worked out from."
            ),
            OpenApiParameter(
                "attributes",
                str,
                enum=[THEN, NOW],
                description="Attributes and groups as they were on each day, or as they are today.",
            ),
            OpenApiParameter(
                "why",
                str,
                enum=list(EFFECTS),
                description="Also say which rules, names and runs decided this of the cell.",
            ),
        ],
        responses={200: TRACE},
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of lines; any other parameter is a filter by that dimension."""
        query = request.query_params
        try:
            asked = _asked(query)
            found = trace(**asked)
            why = _why(query, asked)
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        return Response(rendering.as_json(found, why))


class EventView(AnswerView):
    """Where an event stands in a report."""

    @extend_schema(
        operation_id="event_cells",
        parameters=[
            OpenApiParameter("by", str, many=True, description="Dimensions of the report."),
        ],
        responses={200: PLACED},
    )
    def get(self, request: Request, event: str) -> Response:
        """Answer with the event's lines, each with its cells and its cost there."""
        try:
            found = place(event=event, by=request.query_params.getlist("by"))
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        if not found:
            message = "No event of this key or id is stored."
            raise NotFound(message)
        return Response({"lines": [rendering.placed(one) for one in found]})


def _why(query: Any, asked: dict[str, Any]) -> Decided | None:
    if "why" not in query:
        return None
    cell = {name: asked[name] for name in ("period", "filters", "basis", "attributes_on")}
    return decided(effect=query["why"], **cell)


def _asked(query: Any) -> dict[str, Any]:
    """Read the parameters. Raises ValueError naming one and what is accepted."""
    if not {"start", "end"} <= query.keys():
        message = "start and end are required, such as start=2026-10&end=2026-11"
        raise ValueError(message)
    size = query.get("page_size", str(_PAGE))
    if not (size.isascii() and size.isdigit() and len(size) <= 4 and 0 < int(size) <= LONGEST_PAGE):
        message = f"page_size: accepted: 1 to {LONGEST_PAGE}"
        raise ValueError(message)
    return {
        "period": parse_period(query["start"], query["end"]),
        "filters": {name: query.getlist(name) for name in query if name not in _OWN},
        "after": cursor.decoded(query["cursor"]) if "cursor" in query else None,
        "closed_after": query.get("closed_cursor", ""),
        "limit": int(size),
        "check": query.get("check") != "0",
        "basis": query.get("basis", CONTRACTED),
        "attributes_on": attributes_day(query.get("attributes", ""), today=timezone.localdate()),
    }
