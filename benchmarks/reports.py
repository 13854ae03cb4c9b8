"""Reports over a cube of N events, as ratios to DuckDB on the raw events, in this run.

`python -m benchmarks.reports --events 1000000 10000000`; each size in a process of its own, in a
scratch database on the configured server, dropped at the end.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tknops.settings")
os.environ.setdefault("TKNOPS_DB_ROLE", "owner")

import django

ROUNDS = 5
SIZES = (1_000_000, 10_000_000)
# Above it only each report's total is compared with the raw events, not every row of the cube.
VERIFIED = 10_000_000
CHILD = "--one"


def main() -> None:
    """Measure every size and print the growth from the first to the last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=SIZES)
    parser.add_argument(CHILD, type=int)
    wanted = parser.parse_args()
    if wanted.one:
        _measure(wanted.one)
        return
    found = [_in_a_process(events) for events in wanted.events]
    print("\ngrowth in time from", " to ".join(f"{events:,}" for events in wanted.events), "events")
    for name in found[0]:
        print(f"  {name:34} × {found[-1][name] / found[0][name]:5.2f}")


def _in_a_process(events: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.reports", CHILD, str(events)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout or ():
            if line.startswith("{"):
                found: dict[str, float] = json.loads(line)
            else:
                print(line, end="", flush=True)
    if child.returncode:
        raise SystemExit(child.returncode)
    return found


def _measure(events: int) -> None:
    django.setup()
    if not os.environ.get("DATABASE_URL"):
        from tknops.embedded import ensure_running  # noqa: PLC0415 - only without a server

        ensure_running()
    from django.conf import settings  # noqa: PLC0415 - after setup

    from benchmarks.server import scratch_database  # noqa: PLC0415

    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder, scratch_database():
        settings.CUBE_DIR = Path(folder) / "cube"
        _set_up(events)
        measure_reports(events, Path(folder) / "events.parquet")


def _set_up(events: int) -> None:
    from benchmarks.ledger import make_ledger  # noqa: PLC0415
    from usage.cube import rebuild, verify  # noqa: PLC0415

    contexts, made = _timed(lambda: make_ledger(events))
    segment, folded = _timed(rebuild)
    differences, verified = _timed(verify) if events <= VERIFIED else ([], 0.0)
    if segment is None or differences:
        message = f"the cube is not the ledger: {differences[:3]}"
        raise AssertionError(message)
    print(
        f"\n{events:,} events, {contexts:,} contexts, made in {made:.0f} s, folded in {folded:.0f} "
        f"s, verified in {verified:.0f} s{'' if verified else ' (not)'}; cube {segment.rows:,} "
        f"rows, {segment.size / 1e6:.1f} MB; memory of that {_peak():.0f} MB"
    )


def measure_reports(events: int, path: Path) -> None:
    """Print each report's time, its reference's and their ratio, then changes and memory."""
    from benchmarks.ledger import WHOLE  # noqa: PLC0415
    from benchmarks.questions import QUESTIONS, changes, new_usage  # noqa: PLC0415
    from benchmarks.raw import Reference, totals, write_events  # noqa: PLC0415
    from billing.margin import forget, margin  # noqa: PLC0415

    size = write_events(path)
    print(f"raw events as Parquet: {size / 1e6:.0f} MB; medians of {ROUNDS} after a warm-up, ms")
    reference = Reference(path, WHOLE)
    forget()
    found = {}
    for name, by, period in QUESTIONS:
        report, cold = _timed(lambda by=by, period=period: margin(by=by, period=period))
        again = _median(lambda by=by, period=period: margin(by=by, period=period))
        raw = _median(lambda by=by, period=period: reference.ask(by, period))
        ours = (
            report.total.events, *report.total.tokens.values(), report.total.unpriced_events,
            report.total.cost,
        )  # fmt: skip
        theirs = totals(reference.ask(by, period), by)
        if ours != theirs:
            message = f"{name}: {ours} is not {theirs}"
            raise AssertionError(message)
        found[name] = cold, again, raw
    print(f"{'':34} {'cold':>7} {'changed':>8} {'asked again':>11} {'raw':>7} {'ratio':>6}")
    for name, by, period in QUESTIONS:
        cold, again, raw = found[name]
        changed = _median(lambda by=by, period=period: margin(by=by, period=period), new_usage)
        found[name] = changed
        print(
            f"{name:34} {1000 * cold:7.0f} {changed:8.1f} {again:11.1f} {raw:7.0f} "
            f"{changed / raw:6.2f}",
            flush=True,
        )
    for name, seconds in changes():
        print(f"{name:70} {seconds:6.2f} s")
    print(f"peak memory of this process: {_peak():.0f} MB (with the reference and the set-up)")
    print(json.dumps(found))


def _median(ask: Callable[[], Any], before: Callable[[], None] = lambda: None) -> float:
    before()
    ask()
    taken = []
    for _ in range(ROUNDS):
        before()
        taken.append(_timed(ask)[1])
    return 1000 * statistics.median(taken)


def _timed(action: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return action(), time.perf_counter() - began


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
