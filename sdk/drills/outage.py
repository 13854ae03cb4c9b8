"""An outage of 72 hours on a simulated clock with a million events: memory, and what arrives.

python -m drills.outage [--events 1000000] [--spool-mib 4096]
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from tknops_sdk._client import Client
from tknops_sdk._delivery.answers import Answer
from tknops_sdk._settings import Settings

HOURS = 72


def resident() -> float:
    """Memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1024 / 1024


class Server:
    """Down, then up; remembers which numbers it got."""

    def __init__(self) -> None:
        self.is_up = False
        self.got = bytearray()
        self.count = self.twice = 0

    def post(self, body: bytes, headers: "dict[str, str]") -> Answer:
        if not self.is_up:
            return Answer(503)
        events = json.loads(body)
        for event in events:
            number = event["usage"]["input_tokens"]
            self.twice += self.got[number]
            self.got[number] = 1
        self.count += len(events)
        counts = {"stored": len(events), "duplicate": 0, "conflict": 0, "rejected": 0}
        return Answer(200, {}, json.dumps(counts).encode())


def run(events: int, spool_mib: int) -> None:
    now = 0.0
    server = Server()
    server.got = bytearray(events)
    client = Client()
    client.settings = Settings(
        url="http://s", api_key="k", spool=tempfile.mkdtemp(), spool_mib=spool_mib
    )
    client.make(post=server.post, monotonic=lambda: now, clock=lambda: now)
    client.threads.start = lambda: None
    delivery, ledger = client.delivery, client.delivery.ledger
    minutes = HOURS * 60
    made = 0
    memory = []
    begun = time.monotonic()
    for minute in range(minutes):
        until = events * (minute + 1) // minutes
        for number in range(made, until):
            client.record(("p", "m", None, None, None, None, None), {"input_tokens": number}, {})
        made = until
        now += 60
        delivery.collect()
        delivery.deliver()
        if minute % 360 == 359:
            memory.append(resident())
            print(
                f"  hour {(minute + 1) // 60:3}  {memory[-1]:6.1f} MiB  on disk {delivery.store.spool.size / 2**20:7.1f} MiB",
                flush=True,
            )
    slope = (memory[-1] - memory[1]) / (HOURS - 12)
    print(f"{made:,} events in {HOURS} simulated hours; memory slope {slope:.4f} MiB per hour")
    server.is_up = True
    now += 7200
    while delivery.deliver():
        pass
    missing = server.got.count(0)
    first_hour = server.got[: events // HOURS].count(0)
    print(
        f"delivered {server.count:,}, missing {missing:,} (of the first hour {first_hour}), twice {server.twice}"
    )
    print(
        f"created {ledger.created.value():,} = {ledger.fates} + dropped {ledger.dropped.values()} + waiting {delivery.waiting}"
    )
    print(f"after: {resident():.1f} MiB, in {time.monotonic() - begun:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--spool-mib", type=int, default=4096)
    asked = parser.parse_args()
    run(asked.events, asked.spool_mib)
    if asked.spool_mib > 64:
        print("\nAt a cap of 64 MiB:")
        run(asked.events, 64)


if __name__ == "__main__":
    main()
