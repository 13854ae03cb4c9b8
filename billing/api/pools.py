"""GET /api/v1/cost-pools and /api/v1/reports/allocations: shared cost and who bears it."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from billing.closing import closed_within
from billing.margin import Allocation, allocations
from billing.margin.rendering import as_text
from billing.models import AllocationRule, CostPool, CostPoolAmount
from tknops.calendar import parse_period
from usage.api.answered import AnswerView


class AmountSerializer(serializers.ModelSerializer[CostPoolAmount]):
    """An amount in minor units of its pool's currency."""

    class Meta:
        model = CostPoolAmount
        fields = (
            "source", "service_start", "service_end", "amount_minor", "usage_filter", "note",
        )  # fmt: skip


class RuleSerializer(serializers.ModelSerializer[AllocationRule]):
    """A rule in [valid_from, valid_to)."""

    class Meta:
        model = AllocationRule
        fields = ("target", "method", "filters", "weights", "valid_from", "valid_to", "reason")


class PoolSerializer(serializers.ModelSerializer[CostPool]):
    """A pool with its amounts and rules."""

    amounts = AmountSerializer(many=True)
    rules = RuleSerializer(many=True)

    class Meta:
        model = CostPool
        fields = ("name", "kind", "cost_class", "vendor", "currency", "amounts", "rules")


class CostPoolViewSet(viewsets.ReadOnlyModelViewSet[CostPool]):
    """Cost pools."""

    queryset = CostPool.objects.prefetch_related("amounts", "rules").order_by("name")
    serializer_class = PoolSerializer
    filterset_fields = ("name", "kind", "cost_class")


class AllocationsView(AnswerView):
    """The allocations of months."""

    @extend_schema(
        parameters=[
            OpenApiParameter("start", str, required=True, description="2026-10, inclusive."),
            OpenApiParameter("end", str, required=True, description="2026-11, exclusive."),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        """Answer with a row per pool, month and target; months are whole.

        `closed_read_as_of_now` lists the closed months among them: their margin and journal keep
        what was posted, these rows are what today's records say of them.
        """
        query = request.query_params
        try:
            period = parse_period(query.get("start", ""), query.get("end", ""))
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        rows = [_as_dict(row) for row in allocations(period)]
        closed = [f"{month:%Y-%m}" for month in closed_within(period)]
        return Response({"rows": rows, "closed_read_as_of_now": closed})


def _as_dict(row: Allocation) -> dict[str, Any]:
    return {
        "pool": row.pool.name,
        "month": row.month,
        "start": row.days.start.isoformat(),
        "end": row.days.end.isoformat(),
        "kind": row.kind,
        "target": row.target,
        "method": row.method,
        "driver": as_text(row.quantity),
        "share_pct": as_text(row.share_pct),
        "amount": as_text(row.amount),
        "currency": row.currency,
    }
