"""Every door at full load until a report shows what was sent, as ratios to R1 of this run.

`python -m benchmarks.doors`; with `--peer URL --peer-count COMMAND` the same spans go to another
running OTLP endpoint too, whose spans COMMAND counts. Writes to a scratch database on the
configured server, dropped at the end.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connections

import benchmarks.environment  # noqa: F401 - sets Django up
from benchmarks.figures import percentiles
from benchmarks.ingest import reference, say_where, warm_up
from benchmarks.ledger import WHOLE
from benchmarks.peer import WRITERS, add_arguments, measure_peer
from benchmarks.sent import CONTEXTS, Sent, cloud_events, native, random_id
from benchmarks.sent_spans import as_json, as_protobuf, attributes, spans
from benchmarks.server import (
    CLOUDEVENTS,
    NATIVE,
    OTLP_JSON,
    OTLP_PROTOBUF,
    Door,
    scratch_database,
    send,
    serving,
)
from billing.margin import margin
from tknops.calendar import Period
from usage.cube import fold
from usage.keys import create_key
from usage.models import Source
from usage.tokens import TOKENS

PERIOD = Period(WHOLE.start, WHOLE.end.replace(year=WHOLE.end.year + 1))


@dataclass(slots=True)
class Load:
    """What goes through a door in a round, and what was measured of it."""

    name: str
    door: Door
    batch: int
    requests: int
    make: Callable[[int, int], Sent]
    writers: int
    rates: list[float] = field(default_factory=list)
    reported: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    size: float = 0.0


def loads() -> list[Load]:
    """Every door with one, two and four writers."""
    return [
        Load(name, door, batch, requests, make, writers)
        for name, door, batch, requests, make in (
            ("OTLP protobuf", OTLP_PROTOBUF, 200, 40, partial(spans, encode=as_protobuf)),
            ("OTLP JSON", OTLP_JSON, 200, 40, partial(spans, encode=as_json)),
            ("native JSON, UUIDv7", NATIVE, 1000, 20, native),
            ("native JSON, random ids", NATIVE, 1000, 20, partial(native, identity=random_id)),
            ("CloudEvents", CLOUDEVENTS, 100, 60, cloud_events),
        )
        for writers in (1, 2, WRITERS)
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    add_arguments(parser)
    asked = parser.parse_args()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder, scratch_database():
        settings.CUBE_DIR = Path(folder) / "cube"
        key = create_key(source=Source.objects.create(name="benchmark"), scopes=["events:write"])
        say_where()
        references, all_loads = [], loads()
        with serving() as port:
            warm_up(port, key)
            fold()
            for _ in range(asked.rounds):
                references.append(reference())
                for load in all_loads:
                    _measure(load, port, key)
        _print(statistics.median(references), all_loads, asked.rounds)
        connections.close_all()
    if asked.peer:
        ours = next(load for load in all_loads if load.writers == WRITERS)
        measure_peer(asked, ours=statistics.median(ours.reported))


def _measure(load: Load, port: int, key: str) -> None:
    """Send, then fold until the report has grown by exactly what was sent."""
    sent = [load.make(load.batch, load.requests) for _ in range(load.writers)]
    events, tokens = sum(one.events for one in sent), sum(one.tokens for one in sent)
    wanted = tuple(a + b for a, b in zip(_shown(), (events, tokens), strict=True))
    seconds, latencies = send(port, key, [one.bodies for one in sent], load.door)
    answered = time.perf_counter()
    fold()
    shown, lag = _shown(), time.perf_counter() - answered
    if shown != wanted:
        message = f"{load.name}: the report shows {shown} events and tokens, sent were {wanted}"
        raise AssertionError(message)
    load.rates.append(events / seconds)
    load.reported.append(events / (seconds + lag))
    load.lags.append(lag)
    load.latencies += latencies
    load.size = sent[0].size


def _shown() -> tuple[int, int]:
    """Return the events and tokens a report shows in total."""
    total = margin(by=(), period=PERIOD).total
    return total.events, sum(total.tokens[name] for name in TOKENS)


def _print(floor: float, found: list[Load], rounds: int) -> None:
    print(
        f"Sent: {CONTEXTS} contexts, spans of {len(attributes())} attributes, one inference each; "
        f"API key checked, 200 after COMMIT; a report showed every event and token sent. "
        f"Medians of {rounds} rounds.\n"
        f"R1, binary COPY of Python rows, no index: {floor:,.0f} rows/s\n\n"
        f"{'door':24} batch  bytes  writers  events/s  × R1  p50 ms  p99 ms  in a report after s"
        "  events/s with that"
    )
    for load in found:
        rate, reported = statistics.median(load.rates), statistics.median(load.reported)
        p50, p99 = percentiles(load.latencies)
        print(
            f"{load.name:24} {load.batch:5}  {load.size:5.0f}  {load.writers:7}  {rate:8,.0f}"
            f"  {rate / floor:4.2f}  {p50:6.1f}  {p99:6.1f}  {statistics.median(load.lags):19.2f}"
            f"  {reported:18,.0f}"
        )


if __name__ == "__main__":
    main()
