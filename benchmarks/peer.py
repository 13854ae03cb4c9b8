"""The same spans to another OTLP endpoint, counted there once they can be queried."""

import argparse
import re
import subprocess
import time
from dataclasses import replace
from urllib.parse import urlsplit

from benchmarks.sent_spans import as_protobuf, spans
from benchmarks.server import OTLP_PROTOBUF, send

WRITERS, BATCH = 4, 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is needed of a peer."""
    parser.add_argument("--peer", metavar="URL", help="a running endpoint, path included")
    parser.add_argument("--peer-count", metavar="COMMAND", help="prints how many spans it has")
    parser.add_argument("--peer-requests", type=int, default=8, help="per writer and round")
    parser.add_argument("--peer-wait", type=float, default=90, help="seconds for the last span")


def measure_peer(asked: argparse.Namespace, *, ours: float) -> None:
    """Send in three rounds, wait for the count, print the rate and how many times ours is."""
    url = urlsplit(asked.peer)
    # Any 200 counts as taken: what is there is counted, not believed.
    door = replace(
        OTLP_PROTOBUF, path=url.path, host=url.hostname or "", complete=re.compile(b"")
    )  # fmt: skip
    rates, missing, sent_in_all = [], 0, 0
    for _ in range(3):
        sent = [spans(BATCH, asked.peer_requests, as_protobuf) for _ in range(WRITERS)]
        before, wanted = _count(asked.peer_count), sum(one.events for one in sent)
        began = time.perf_counter()
        send(url.port or 80, "none", [one.bodies for one in sent], door)
        answered = time.perf_counter() - began
        there = _until(asked, before + wanted) - before
        taken = time.perf_counter() - began
        rates.append(there / taken)
        missing, sent_in_all = missing + wanted - there, sent_in_all + wanted
        print(
            f"peer: {wanted:,} spans answered after {answered:.1f} s; {there:,} there after "
            f"{taken:.1f} s: {rates[-1]:,.0f} spans/s"
        )
    rate = sorted(rates)[1]
    print(
        f"peer, median: {rate:,.0f} spans/s stored and queryable, {missing:,} of {sent_in_all:,} "
        f"missing; OTLP protobuf here, stored and in a report: {ours:,.0f}, × {ours / rate:,.0f}"
    )


def _until(asked: argparse.Namespace, wanted: int) -> int:
    deadline = time.perf_counter() + asked.peer_wait
    while (there := _count(asked.peer_count)) < wanted and time.perf_counter() < deadline:
        time.sleep(0.2)
    return there


def _count(command: str) -> int:
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    return int(done.stdout.strip() or 0)
