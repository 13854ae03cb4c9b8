"""kill -9 of web, folding and PostgreSQL at random under load: what was acknowledged is there.

python -m drills.kill [--kills 50] [--forgetful]

With --forgetful the control: synchronous_commit=off, under which the server must refuse usage.
"""

import argparse
import os
import random
import signal
import tempfile
import threading
import time
import uuid
from collections import Counter
from pathlib import Path

from drills.installation import Installation, installation, kill_group
from drills.sending import Sender, identity

CLIENTS, BATCH = 4, 100
PAUSE = (0.3, 2.0)


def main() -> None:
    """Kill, recover, compare, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--forgetful", action="store_true")
    asked = parser.parse_args()
    with installation(Path(tempfile.mkdtemp(prefix="tknops-drill-")) / "data") as (made, key):
        if asked.forgetful:
            made.sql("ALTER DATABASE tknops SET synchronous_commit = off", owner=True)
            kill_group(made.web)
            made.start_web()
            made.wait()
        made.start_folding()
        acknowledged, answers, killed = _under_load(made, key, asked.kills)
        stored = {row[0] for row in made.sql("SELECT key FROM usage_usageevent")}
        lost = {name for name in acknowledged if uuid.UUID(name) not in stored}
        kill_group(made.folding)
        made.manage("fold")
        verified = made.manage("verify_cube").strip()
    print(f"kills: {dict(killed)}")
    print(
        f"acknowledged {len(acknowledged):,}, of these lost {len(lost):,}; stored {len(stored):,}"
    )
    statuses = {name: count for name, count in answers.items() if name.isdigit()}
    print(
        f"answers by status (0 = none): {statuses}; conflict {answers['conflict']}, "
        f"rejected {answers['rejected']}"
    )
    print(f"verify_cube: {verified}")


def _under_load(
    made: Installation, key: str, kills: int
) -> tuple[set[str], Counter[str], Counter[str]]:
    acknowledged: set[str] = set()
    guard, ending = threading.Lock(), threading.Event()
    senders = [Sender(made.port, key) for _ in range(CLIENTS)]

    def work(sender: Sender) -> None:
        while not ending.is_set():
            names = [identity() for _ in range(BATCH)]
            if sender.send(names, give_up_at=time.monotonic() + 60):
                with guard:
                    acknowledged.update(names)

    threads = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    killed = Counter(_kill_one(made) for _ in range(kills))
    ending.set()
    for thread in threads:
        thread.join()
    return acknowledged, sum((sender.answers for sender in senders), Counter()), killed


def _kill_one(made: Installation) -> str:
    time.sleep(random.uniform(*PAUSE))
    what = random.choice(("web worker", "web", "folding", "PostgreSQL"))
    if what == "web worker":
        for pid in made.web_workers()[:1]:
            os.kill(pid, signal.SIGKILL)
    elif what == "web":
        kill_group(made.web)
        made.start_web()
    elif what == "folding":
        kill_group(made.folding)
        made.start_folding()
    else:
        made.kill_database()
        made.start_database()
    return what


if __name__ == "__main__":
    main()
