"""What the ingestion is measured against: the floor R1, and DRF with bulk_create."""

import datetime as dt
import time
import uuid
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from rest_framework import serializers

from usage.ingest.rows import COLUMNS
from usage.models import Source, UsageBatch, UsageEvent
from usage.tokens import QUANTITIES

_TYPES = [
    "uuid", "int8", "int2", "int8", "int4", "timestamptz", "uuid", "int2",
    *["int8"] * len(QUANTITIES), "text", "numeric", "text",
]  # fmt: skip
_USED = ("input_tokens", "cache_read_tokens", "output_tokens", "reasoning_tokens")


def floor(batches: list[list[dict[str, Any]]]) -> float:
    """R1: binary COPY of ready Python rows into an index-less table, a commit per batch."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_floor")
        cursor.execute("CREATE TABLE bench_floor (LIKE usage_usageevent)")
    ready = [[_row(event) for event in batch] for batch in batches]
    began = time.perf_counter()
    for rows in ready:
        with transaction.atomic(), connection.cursor() as cursor:
            statement = f"COPY bench_floor ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
            with cursor.copy(statement) as copy:
                copy.set_types(_TYPES)
                for row in rows:
                    copy.write_row(row)
    return time.perf_counter() - began


def _row(event: dict[str, Any]) -> tuple[Any, ...]:
    usage = event["usage"]
    return (
        uuid.UUID(event["id"]), 1, 0, 1, 1, dt.datetime.fromisoformat(event["time"]), uuid.uuid4(),
        0, *(usage.get(name, 0) for name in QUANTITIES), None, None, None,
    )  # fmt: skip


class _Usage(serializers.Serializer[Any]):
    input_tokens = serializers.IntegerField(min_value=0)
    cache_read_tokens = serializers.IntegerField(min_value=0)
    output_tokens = serializers.IntegerField(min_value=0)
    reasoning_tokens = serializers.IntegerField(min_value=0)


class _Event(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    time = serializers.DateTimeField()
    provider = serializers.CharField(max_length=100)
    model = serializers.CharField(max_length=200)
    customer = serializers.CharField(max_length=200)
    feature = serializers.CharField(max_length=200)
    environment = serializers.CharField(max_length=100)
    tags = serializers.DictField(child=serializers.CharField(max_length=256))
    usage = _Usage()


def rest_framework(batches: list[list[dict[str, Any]]], source: Source) -> float:
    """DRF's ListSerializer and bulk_create, in process: no HTTP, no JSON, no interning."""
    began = time.perf_counter()
    for batch in batches:
        serializer = _Event(data=batch, many=True)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            accepted = UsageBatch.objects.create(
                source=source, received_at=timezone.now(), received=len(batch), stored=len(batch),
                duplicate=0, conflict=0, rejected=0,
            )  # fmt: skip
            UsageEvent.objects.bulk_create(
                [
                    UsageEvent(
                        key=event["id"], source_id=source.pk, line=0, batch_id=accepted.pk,
                        context_id=1, occurred_at=event["time"], fingerprint=uuid.uuid4(),
                        **{name: event["usage"][name] for name in _USED},
                    )
                    for event in serializer.validated_data
                ],
                ignore_conflicts=True,
            )  # fmt: skip
    return time.perf_counter() - began
