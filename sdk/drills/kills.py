"""kill -9 of a host, again and again, server up or down: how old was the oldest event lost?

python -m drills.kills [--kills 200]
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import tknops_sdk
from drills.latency import HERE, free_port, receiver


def one(url: str, spool: str, draw: random.Random) -> "list[tuple[str, float]]":
    """Run a host and kill it; return the ids it made and how old each was at the kill."""
    host = subprocess.Popen(
        [sys.executable, "-m", "drills.killed_host", url, spool],
        cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    first = host.stdout.readline()
    time.sleep(draw.uniform(0.05, 1.5))
    host.kill()
    killed = time.time()
    lines = [first, *host.stdout.read().splitlines()]
    host.wait()
    host.stdout.close()
    pairs = [line.split() for line in lines]
    return [(pair[0], killed - float(pair[1])) for pair in pairs if len(pair) == 2]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    kills = parser.parse_args().kills
    draw = random.Random(3)
    folder = Path(tempfile.mkdtemp(prefix="tknops-kills-"))
    ids = folder / "ids"
    made: list[tuple[str, float]] = []
    port = free_port()
    for number in range(kills):
        # One address throughout, so that whoever comes next takes over; up for every second kill.
        if number % 2:
            with receiver("--file", str(ids), port=port) as url:
                made += one(url, str(folder / "spool"), draw)
        else:
            made += one(f"http://127.0.0.1:{port}", str(folder / "spool"), draw)
        if number % 20 == 19:
            print(f"  {number + 1} kills, {len(made):,} events", flush=True)
    with receiver("--file", str(ids), port=port) as url:
        tknops_sdk.init(url=url, api_key="k", spool=str(folder / "spool"))
        tknops_sdk.record("p", "last", {"input_tokens": 1})
        tknops_sdk.flush(60)
        adopted = tknops_sdk.stats()["adopted"]
    stored = set(ids.read_text().split())
    lost = [age for name, age in made if name not in stored]
    print(f"kills {kills}, events {len(made):,}, lost {len(lost):,}")
    print(
        f"oldest lost was made {max(lost, default=0):.3f} s before its kill; over 1 s: {sum(age > 1 for age in lost)}"
    )
    print(f"taken over by the last process: {adopted['stored']:,}")
    gaps(made, stored)


def gaps(made: "list[tuple[str, float]]", stored: "set[str]") -> None:
    """Count what is missing from the stored ids alone, as a server can, and compare."""
    seen: defaultdict[str, set[int]] = defaultdict(set)
    known: defaultdict[str, set[int]] = defaultdict(set)
    for name in stored:
        seen[name[14:28]].add(int(name[28:], 16))
    for name, _ in made:
        known[name[14:28]].add(int(name[28:], 16))
    wrong = 0
    for process, numbers in seen.items():
        missing = max(numbers) + 1 - len(numbers)
        truth = {n for n in known[process] if n < max(numbers)} - numbers
        wrong += process in known and missing != len(truth)
    print(f"gaps within what was received, from ids alone: {wrong} processes counted wrongly")


if __name__ == "__main__":
    main()
