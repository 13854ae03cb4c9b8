"""Ingestion at half its maximum, alone and beside the heaviest report and a fold.

`python -m benchmarks.interference`. Writes to a scratch database on the configured server.
"""

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

import benchmarks.environment  # noqa: F401 - sets Django up
from benchmarks.figures import percentiles
from benchmarks.ingest import SERVER_WORKERS, say_where, warm_up
from benchmarks.ledger import WHOLE, make_ledger
from benchmarks.sent import native
from benchmarks.server import Client, database_url, granian, scratch_database, send
from billing.margin import margin, report
from tknops.calendar import Period, add_months
from tknops.supervisor.parts import YIELDING
from usage.cube import fold, rebuild
from usage.keys import create_key
from usage.models import Source

BATCH, WRITERS, REQUESTS = 100, 2, 60
HEAVIEST = ("customer", "feature", "model", "day")
PERIOD = Period(WHOLE.start, add_months(WHOLE.start, 3))
CHILD = "--report-and-fold"


def main() -> None:
    """Measure and print, or be the process that reports and folds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(CHILD, action="store_true")
    asked = parser.parse_args()
    if asked.report_and_fold:
        _report_and_fold()
        return
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder, scratch_database():
        settings.CUBE_DIR = Path(folder) / "cube"
        contexts = make_ledger(asked.events)
        rebuild()
        key = create_key(source=Source.objects.create(name="sender"), scopes=["events:write"])
        say_where()
        print(f"{asked.events:,} events of {contexts:,} contexts in the cube.")
        with granian(SERVER_WORKERS) as port:
            _compare(asked, port, key, Path(folder))
        connections.close_all()


def _compare(asked: argparse.Namespace, port: int, key: str, folder: Path) -> None:
    warm_up(port, key)
    most = statistics.median(_full(port, key) for _ in range(3))
    print(
        f"Maximum {most:,.0f} events/s in batches of {BATCH} by {WRITERS} writers; sent at half of "
        f"it, each request timed from when it was due. Medians of {asked.rounds} rounds of "
        f"{asked.seconds:.0f} s."
    )
    alone, beside = [], []
    for _ in range(asked.rounds):
        alone.append(percentiles(_steady(port, key, most / 2, asked.seconds)))
        with _other_process(folder):
            beside.append(percentiles(_steady(port, key, most / 2, asked.seconds)))
    print(
        "p99 of the rounds, ms:",
        *(f"{a[1]:.0f} → {b[1]:.0f}" for a, b in zip(alone, beside, strict=True)),
    )
    for name, found in (("alone", alone), ("beside report and fold", beside)):
        p50, p99 = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{name:24} p50 {p50:6.1f} ms  p99 {p99:6.1f} ms")
    ratios = [b[1] / a[1] for a, b in zip(alone, beside, strict=True)]
    print(f"p99 beside ÷ p99 alone: {statistics.median(ratios):.2f}")


def _full(port: int, key: str) -> float:
    loads = [native(BATCH, REQUESTS).bodies for _ in range(WRITERS)]
    return BATCH * REQUESTS * WRITERS / send(port, key, loads)[0]


def _steady(port: int, key: str, rate: float, seconds: float) -> list[float]:
    """Send at a constant rate; returns each request's time from when it was due."""
    every = BATCH * WRITERS / rate
    loads = [native(BATCH, int(seconds / every)).bodies for _ in range(WRITERS)]
    connection.close()
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    begin = time.perf_counter() + 0.5
    writers = [
        context.Process(
            target=_paced, args=(port, key, load, begin + every * i / WRITERS, every, answers)
        )
        for i, load in enumerate(loads)
    ]
    for writer in writers:
        writer.start()
    latencies = [taken for _ in writers for taken in answers.get()]
    for writer in writers:
        writer.join()
    return latencies


def _paced(port, key, load, begin, every, answers):
    client, latencies = Client(port, key), []
    for number, body in enumerate(load):
        due = begin + number * every
        time.sleep(max(0.0, due - time.perf_counter()))
        client.post(body)
        latencies.append(time.perf_counter() - due)
    answers.put(latencies)


@contextmanager
def _other_process(folder: Path) -> Iterator[None]:
    """Report and fold over and over in a process as the product's worker is one."""
    env = {**os.environ, "DATABASE_URL": database_url(), "TKNOPS_DATA": str(folder)}
    command = [*YIELDING, sys.executable, "-m", "benchmarks.interference", CHILD]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()  # it has made its first report
        yield
        print("  meanwhile:", other.communicate()[0].decode().strip())


def _report_and_fold() -> None:
    """Go on until the input ends; print how often."""
    taken: list[float] = []
    folded = 0
    rows = len(margin(by=HEAVIEST, period=PERIOD).rows)
    print("ready", flush=True)
    os.set_blocking(sys.stdin.fileno(), False)
    while sys.stdin.buffer.read() is None:
        began = time.perf_counter()
        folded += fold()
        report.forget()
        margin(by=HEAVIEST, period=PERIOD)
        taken.append(time.perf_counter() - began)
    print(
        f"{len(taken)} reports of {rows:,} rows, each after a fold, "
        f"{statistics.median(taken):.1f} s; {folded:,} batches folded"
    )


if __name__ == "__main__":
    main()
