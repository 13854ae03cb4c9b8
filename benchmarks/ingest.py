"""Ingestion over HTTP, as ratios to R1 and to DRF, all measured in this run.

Run with `make bench`. Writes to a scratch database on the configured server, dropped at the end.
"""

import os
import statistics

from django.db import connection, connections

import benchmarks.environment  # noqa: F401 - sets Django up
from benchmarks.figures import percentiles
from benchmarks.references import floor, rest_framework
from benchmarks.sent import CONTEXTS, event, native
from benchmarks.server import scratch_database, send, serving
from usage.keys import create_key
from usage.models import Source

ROUNDS = 5
# Batch size → requests per writer and round.
REQUESTS = {1: 300, 100: 60, 1000: 20}
REFERENCE_BATCHES, DRF_BATCHES, BATCH = 20, 3, 1000


def main() -> None:
    """Measure and print."""
    with scratch_database():
        source = Source.objects.create(name="benchmark")
        key = create_key(source=source, scopes=["events:write"])
        print(
            f"Sent: native JSON of {native(1000, 1).size:.0f} bytes an event, new UUIDv7 ids, "
            f"{CONTEXTS} contexts, API key checked, 200 after COMMIT."
        )
        say_where()
        print(f"Medians of {ROUNDS} rounds.")
        references: list[float] = []
        measured: dict[tuple[int, int], list[tuple[float, list[float]]]] = {}
        with serving() as port:
            warm_up(port, key)
            for _ in range(ROUNDS):
                references.append(reference())
                _round(port, key, measured)
        drf = [
            DRF_BATCHES * BATCH
            / rest_framework([[event() for _ in range(BATCH)] for _ in range(DRF_BATCHES)], source)
            for _ in range(3)
        ]  # fmt: skip
        _print(statistics.median(references), statistics.median(drf), measured)
        connections.close_all()


def reference() -> float:
    """Measure R1 once, in rows/s."""
    batches = [[event() for _ in range(BATCH)] for _ in range(REFERENCE_BATCHES)]
    return REFERENCE_BATCHES * BATCH / floor(batches)


def _round(port: int, key: str, measured: dict) -> None:
    for writers in (1, 2, 4):
        for size, requests in REQUESTS.items():
            loads = [native(size, requests).bodies for _ in range(writers)]
            seconds, latencies = send(port, key, loads)
            rate = size * requests * writers / seconds
            measured.setdefault((size, writers), []).append((rate, latencies))


def warm_up(port: int, key: str) -> None:
    """Let each server process intern the contexts and open its connection."""
    for _ in range(6):
        send(port, key, [native(1000, 3).bodies, native(1000, 3).bodies])


def say_where() -> None:
    """Print what the figures were measured on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), "
            "current_setting('synchronous_commit')"
        )
        version, fsync, commit = cursor.fetchone()
    print(
        f"PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}; web "
        f"and answers as `make run` starts them, writers on the same {os.cpu_count()} cores."
    )


def _print(floor: float, drf: float, measured: dict) -> None:
    print(f"R1, binary COPY of Python rows, no index: {floor:,.0f} rows/s")
    print(f"DRF ListSerializer + bulk_create, in process: {drf:,.0f} events/s\n")
    print("batch  writers   events/s   × R1   × DRF   p50 ms   p99 ms")
    for (size, writers), rounds in sorted(measured.items()):
        rate = statistics.median(rate for rate, _ in rounds)
        p50, p99 = percentiles([one for _, latencies in rounds for one in latencies])
        print(
            f"{size:5}  {writers:7}  {rate:9,.0f}  {rate / floor:5.2f}  {rate / drf:6.1f}"
            f"  {p50:7.1f}  {p99:7.1f}"
        )


if __name__ == "__main__":
    main()
