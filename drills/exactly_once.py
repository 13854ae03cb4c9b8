"""Each id sent 20 times over 50 clients in shuffled batches, workers killed meanwhile.

python -m drills.exactly_once [--ids 100000] [--sends 20] [--clients 50]
"""

import argparse
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from drills.installation import Installation, installation
from drills.sending import Sender, identity

BATCH = 500
PATIENCE = 1800
# Seconds; a worker takes some to come back.
KILL_EVERY = 20


def main() -> None:
    """Send, count, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--ids", type=int, default=100_000)
    parser.add_argument("--sends", type=int, default=20)
    parser.add_argument("--clients", type=int, default=50)
    asked = parser.parse_args()
    names = [identity() for _ in range(asked.ids)]
    batches = _batches(names, asked.sends)
    with installation(Path(tempfile.mkdtemp(prefix="tknops-drill-")) / "data") as (made, key):
        began = time.monotonic()
        answers, restarts = _send(made, key, batches, asked.clients)
        seconds = time.monotonic() - began
        [(stored, unique)] = made.sql("SELECT count(*), count(DISTINCT key) FROM usage_usageevent")
        made.manage("fold")
        verified = made.manage("verify_cube").strip()
    sent = asked.ids * asked.sends
    print(
        f"{sent:,} sends of {asked.ids:,} ids by {asked.clients} clients in {seconds:.0f} s, "
        f"{restarts} workers killed meanwhile"
    )
    print(
        f"unique stored {unique:,}, extra {stored - unique:,}, missing {asked.ids - unique:,}, "
        f"HTTP 500 {answers['500']}, no answer {answers['0']}, 503 {answers['503']}"
    )
    print(
        f"answered: stored {answers['stored']:,}, duplicate {answers['duplicate']:,}, "
        f"conflict {answers['conflict']:,}, rejected {answers['rejected']:,}"
    )
    print(f"verify_cube: {verified}")


def _batches(names: list[str], sends: int) -> list[list[str]]:
    """Shuffle each round of sends anew, so that two batches hold the same ids in other order."""
    found = []
    for _ in range(sends):
        order = random.sample(names, len(names))
        found += [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
    random.shuffle(found)
    return found


def _send(
    made: Installation, key: str, batches: list[list[str]], clients: int
) -> tuple[Counter[str], int]:
    todo, guard = list(batches), threading.Lock()
    senders = [Sender(made.port, key) for _ in range(clients)]
    deadline = time.monotonic() + PATIENCE

    def work(sender: Sender) -> None:
        while True:
            with guard:
                if not todo:
                    return
                batch = todo.pop()
            sender.send(batch, give_up_at=deadline)

    threads = [threading.Thread(target=work, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    restarts = 0
    while any(thread.is_alive() for thread in threads):
        time.sleep(KILL_EVERY)
        if made.web.poll() is not None:  # it ends by itself if its workers die too often
            made.start_web()
            continue
        workers = made.web_workers()
        if workers and todo:
            os.kill(random.choice(workers), signal.SIGKILL)
            restarts += 1
    return sum((sender.answers for sender in senders), Counter()), restarts


if __name__ == "__main__":
    main()
