"""Ingestion over HTTP, as ratios to R1 and to DRF, all measured in this run.

Run with `make bench`. Writes to a scratch database on the configured server, dropped at the end.
"""

import os
import statistics

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tknops.settings")
os.environ.setdefault("TKNOPS_DB_ROLE", "owner")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

import django
from django.db import connection, connections

ROUNDS = 5
# Batch size → requests per writer and round.
REQUESTS = {1: 300, 100: 60, 1000: 20}
REFERENCE_BATCHES, DRF_BATCHES, BATCH = 20, 3, 1000
SERVER_WORKERS = 2


def main() -> None:
    """Measure and print."""
    django.setup()
    if not os.environ.get("DATABASE_URL"):
        from tknops.embedded import ensure_running  # noqa: PLC0415 - only without a server

        ensure_running()
    from benchmarks.server import granian, scratch_database  # noqa: PLC0415 - after setup

    with scratch_database():
        from benchmarks.references import floor, rest_framework  # noqa: PLC0415 - after setup
        from benchmarks.sent import event  # noqa: PLC0415
        from usage.keys import create_key  # noqa: PLC0415
        from usage.models import Source  # noqa: PLC0415

        source = Source.objects.create(name="benchmark")
        key = create_key(source=source, scopes=["events:write"])
        _say_what()
        batch = [[event() for _ in range(BATCH)] for _ in range(REFERENCE_BATCHES)]
        references: list[float] = []
        measured: dict[tuple[int, int], list[tuple[float, list[float]]]] = {}
        with granian(SERVER_WORKERS) as port:
            _warm_up(port, key)
            for _ in range(ROUNDS):
                references.append(REFERENCE_BATCHES * BATCH / floor(batch))
                _round(port, key, measured)
        drf = [
            DRF_BATCHES * BATCH
            / rest_framework([[event() for _ in range(BATCH)] for _ in range(DRF_BATCHES)], source)
            for _ in range(3)
        ]  # fmt: skip
        _print(statistics.median(references), statistics.median(drf), measured)
        connections.close_all()


def _round(port: int, key: str, measured: dict) -> None:
    from benchmarks.sent import bodies  # noqa: PLC0415
    from benchmarks.server import send  # noqa: PLC0415

    for writers in (1, 2, 4):
        for size, requests in REQUESTS.items():
            loads = [bodies(size, requests) for _ in range(writers)]
            connection.close()
            seconds, latencies = send(port, key, loads)
            rate = size * requests * writers / seconds
            measured.setdefault((size, writers), []).append((rate, latencies))


def _warm_up(port: int, key: str) -> None:
    """Let each server process intern the contexts and open its connection."""
    from benchmarks.sent import bodies  # noqa: PLC0415
    from benchmarks.server import send  # noqa: PLC0415

    connection.close()
    for _ in range(6):
        send(port, key, [bodies(1000, 3), bodies(1000, 3)])


def _say_what() -> None:
    from benchmarks.sent import CUSTOMERS, FEATURES, MODELS, bodies  # noqa: PLC0415

    size = len(bodies(1000, 1)[0]) / 1000
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), "
            "current_setting('synchronous_commit')"
        )
        version, fsync, commit = cursor.fetchone()
    print(
        f"Sent: native JSON of {size:.0f} bytes an event, new UUIDv7 ids, "
        f"{CUSTOMERS * FEATURES * MODELS} contexts, API key checked, 200 after COMMIT.\n"
        f"PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}; granian with "
        f"{SERVER_WORKERS} workers; writers on the same {os.cpu_count()} cores; "
        f"medians of {ROUNDS} rounds."
    )


def _print(floor: float, drf: float, measured: dict) -> None:
    print(f"R1, binary COPY of Python rows, no index: {floor:,.0f} rows/s")
    print(f"DRF ListSerializer + bulk_create, in process: {drf:,.0f} events/s\n")
    print("batch  writers   events/s   × R1   × DRF   p50 ms   p99 ms")
    for (size, writers), rounds in sorted(measured.items()):
        rate = statistics.median(rate for rate, _ in rounds)
        taken = sorted(1000 * one for _, latencies in rounds for one in latencies)
        p50, p99 = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
        print(
            f"{size:5}  {writers:7}  {rate:9,.0f}  {rate / floor:5.2f}  {rate / drf:6.1f}"
            f"  {p50:7.1f}  {p99:7.1f}"
        )


if __name__ == "__main__":
    main()
