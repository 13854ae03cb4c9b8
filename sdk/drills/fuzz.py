"""100,000 calls with anything for arguments: raised 0, and every one of them counted.

python -m drills.fuzz [--calls 100000]
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import tknops_sdk

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from server import Server
from test_record import NAMES, ODD


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100_000)
    calls = parser.parse_args().calls
    server = Server()
    tknops_sdk.init(url=server.url, api_key="k", spool=tempfile.mkdtemp())
    draw = random.Random(1)
    raised = 0
    begun = time.monotonic()
    for number in range(calls):
        given = {name: draw.choice(ODD) for name in draw.sample(NAMES, draw.randint(0, 9))}
        if draw.random() < 0.5:
            given["provider"], given["model"] = "p", "m"
        try:
            with tknops_sdk.attribute(customer=draw.choice(ODD), tags=draw.choice(ODD)):
                tknops_sdk.record(**given)
            tknops_sdk.wrap(draw.choice(ODD))
        except Exception as error:  # what the drill counts
            raised += 1
            print(type(error), error)
        if number % 5000 == 0:
            tknops_sdk.flush(30)
    tknops_sdk.flush(60)
    stats = tknops_sdk.stats()
    fates = {name: stats[name] for name in ("stored", "duplicate", "conflict", "rejected")}
    refused = sum(stats["not_taken"].values())
    print(f"calls {calls:,}, raised {raised}, in {time.monotonic() - begun:.0f} s")
    print(f"created {stats['created']:,} + not taken {refused:,} = {stats['created'] + refused:,}")
    print(f"fates {fates}, dropped {stats['dropped']}, waiting {stats['waiting']}")


if __name__ == "__main__":
    main()
