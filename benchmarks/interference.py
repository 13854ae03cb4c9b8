"""Ingestion at half its maximum, alone and beside the heaviest report and a fold.

`python -m benchmarks.interference`. The report is asked of the same port over HTTP, the fold runs
as often, and with the priority, as the product's worker folds. Writes to a scratch database on the
configured server.
"""

import argparse
import http.client
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

import benchmarks.environment  # noqa: F401 - sets Django up
from benchmarks.figures import percentiles
from benchmarks.ingest import say_where, warm_up
from benchmarks.ledger import WHOLE, make_ledger
from benchmarks.sent import native
from benchmarks.server import Client, database_url, scratch_database, send, serving
from tknops.calendar import Period, add_months
from tknops.supervisor.parts import GIVING_WAY
from usage.cube import fold, rebuild
from usage.keys import create_key
from usage.models import Source

BATCH, WRITERS, REQUESTS = 100, 2, 60
# About as many rows as are made over HTTP; more are refused.
HEAVIEST = ("customer", "day")
PERIOD = Period(WHOLE.start, add_months(WHOLE.start, 1))
CHILD = "--report-and-fold"


def main() -> None:
    """Measure and print, or be the process that reports and folds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(CHILD, nargs=2, metavar=("PORT", "KEY"))
    asked = parser.parse_args()
    if asked.report_and_fold:
        port, key = asked.report_and_fold
        _report_and_fold(int(port), key)
        return
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder, scratch_database():
        settings.CUBE_DIR = Path(folder) / "cube"
        contexts = make_ledger(asked.events)
        rebuild()
        scopes = ["events:write", "reports:read"]
        key = create_key(source=Source.objects.create(name="sender"), scopes=scopes)
        say_where()
        print(f"{asked.events:,} events of {contexts:,} contexts in the cube.")
        with serving(TKNOPS_DATA=folder) as port:
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
    # The first seconds after the maximum are slower: the disk still writes what came before.
    _steady(port, key, most / 2, asked.seconds)
    alone, beside = [], []
    for _ in range(asked.rounds):
        alone.append(percentiles(_steady(port, key, most / 2, asked.seconds)))
        with _other_process(folder, port, key):
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
def _other_process(folder: Path, port: int, key: str) -> Iterator[None]:
    """Fold over and over in a process as the product's worker is one, and ask for the report."""
    env = {**os.environ, "DATABASE_URL": database_url(), "TKNOPS_DATA": str(folder)}
    command = [*GIVING_WAY, sys.executable, "-m", "benchmarks.interference", CHILD, str(port), key]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()  # it has folded once
        yield
        print("  meanwhile:", other.communicate()[0].decode().strip())


def _report_and_fold(port: int, key: str) -> None:
    """Go on until the input ends; print how often."""
    folded, begun, over = fold(), time.perf_counter(), threading.Event()
    asking = threading.Thread(target=_ask, args=(port, key, over, taken := []))
    asking.start()
    print("ready", flush=True)
    os.set_blocking(sys.stdin.fileno(), False)
    while sys.stdin.buffer.read() is None:
        due = time.monotonic() + settings.CELERY_BEAT_SCHEDULE["fold"]["schedule"]
        folded += fold()
        time.sleep(max(0.0, due - time.monotonic()))
    over.set()
    asking.join()
    seconds = statistics.median(seconds for seconds, _ in taken)
    size = max(size for _, size in taken)
    print(
        f"{len(taken)} reports of {size:,} bytes by {', '.join(HEAVIEST)}, {seconds:.1f} s each; "
        f"{folded:,} batches folded in {time.perf_counter() - begun:.0f} s"
    )


def _ask(port: int, key: str, over: threading.Event, taken: list[tuple[float, int]]) -> None:
    """Ask for the report until it is over; each is made anew, since more has been folded."""
    by = "&".join(f"by={name}" for name in HEAVIEST)
    path = f"/api/v1/reports/margin?{by}&start={PERIOD.start:%Y-%m}&end={PERIOD.end:%Y-%m}"
    while not over.is_set():
        began = time.perf_counter()
        client = http.client.HTTPConnection("127.0.0.1", port)
        client.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        answer = client.getresponse()
        size = len(answer.read())
        if answer.status != http.client.OK:
            message = f"the report answered {answer.status}"
            raise SystemExit(message)
        taken.append((time.perf_counter() - began, size))


if __name__ == "__main__":
    main()
