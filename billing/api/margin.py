"""GET /api/v1/reports/margin: the margin by any dimensions."""

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from billing.margin import margin
from billing.margin.query import NOW, THEN, attributes_day
from billing.margin.rendering import csv_parts, json_parts
from billing.measures import COST_BASES
from tknops.calendar import parse_period
from usage.api.answered import AnswerView

# The text of more rows is never whole in this process.
_STREAMED = 5_000
_OWN = frozenset(("by", "start", "end", "format", "attributes", "basis"))


class MarginView(AnswerView):
    """The margin report."""

    @extend_schema(
        parameters=[
            OpenApiParameter("by", str, many=True, description="Dimensions to group by."),
            OpenApiParameter("start", str, required=True, description="2026-10, inclusive."),
            OpenApiParameter("end", str, required=True, description="2026-11, exclusive."),
            OpenApiParameter(
                "attributes",
                str,
                enum=[THEN, NOW],
                description="Attributes and groups as they were on each day, or as they are today.",
            ),
            OpenApiParameter(
                "basis", str, enum=list(COST_BASES), description="What cost is worked out from."
            ),
            OpenApiParameter("format", str, enum=["json", "csv"]),
        ],
        responses={
            (200, "application/json"): OpenApiTypes.OBJECT,
            (200, "text/csv"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        """Answer as JSON or CSV; any other parameter is a filter by that dimension."""
        query = request.query_params
        filters = {name: query.getlist(name) for name in query if name not in _OWN}
        try:
            if not {"start", "end"} <= query.keys():
                message = "start and end are required, such as start=2026-10&end=2026-11"
                raise ValueError(message)  # noqa: TRY301
            period = parse_period(query["start"], query["end"])
            report = margin(
                by=query.getlist("by"),
                period=period,
                filters=filters,
                basis=query.get("basis", "contracted"),
                attributes_on=attributes_day(
                    query.get("attributes", ""), today=timezone.localdate()
                ),
            )
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        answer = StreamingHttpResponse if len(report.rows) > _STREAMED else HttpResponse
        if query.get("format") == "csv":
            return answer(csv_parts(report), content_type="text/csv; charset=utf-8")
        return answer(json_parts(report), content_type="application/json")
