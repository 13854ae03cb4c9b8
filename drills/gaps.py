"""kill -9 of hosts of the SDK at random, against a real server: does the page know every loss?

python -m drills.gaps [--kills 200] [--seed 1]

The host notes each number that returned to it; the ledger says which are stored. What the page of
sequence gaps calls missing must be just the difference, to the number. A call under way at the
kill has a number that never returned: the page may count it, and it is told apart. Every tenth
spool is hidden until the end, then replayed: its gap must close.
"""

import argparse
import array
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from drills.installation import Installation, installation
from drills.wire import Mood, Wire

THREADS, MOST = 3, 200_000
_BASE = Path(__file__).resolve().parent.parent
_ENV = {**os.environ, "PYTHONPATH": f"{_BASE / 'sdk' / 'src'}{os.pathsep}{_BASE}"}
_PAGE = """
import json, django
django.setup()
from django.utils import timezone
from usage.intake import processes
print(json.dumps([
    [one.process, one.created, one.arrived, one.missing, one.holes, str(one.state)]
    for one in processes(now=timezone.now())
]))
"""
_LAST = """
import sys, time, tknops_sdk
tknops_sdk.init(url=sys.argv[1], api_key=sys.argv[2], spool=sys.argv[3])
tknops_sdk.record("openai", "gpt-4o", {"input_tokens": 1})
delivery = tknops_sdk._client.CLIENT.delivery
end = time.monotonic() + 240
while time.monotonic() < end and (delivery.has_siblings or not delivery.is_idle):
    delivery._adopt_at = 0.0
    time.sleep(0.05)
    tknops_sdk._client.CLIENT.threads._send_gate.open()
print(len(delivery._ended))
"""


@dataclass(frozen=True, slots=True)
class Killed:
    """A host that was killed: its process, what returned to it and when it was killed."""

    process: str
    returned: dict[int, float]
    at: float


def main() -> None:
    """Kill, compare, replay, compare again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tknops-gaps-"))
    with installation(folder / "data") as (made, key):
        made.sql("UPDATE usage_apikey SET rate_per_minute = 1000000", owner=True)
        wire = Wire(made.port)
        address = f"http://127.0.0.1:{wire.port}"
        sent = (address, key, str(folder / "spool"))
        killed, moods, hidden = _kill(asked.kills, random.Random(asked.seed), wire, sent, folder)
        _compare(f"with {len(hidden)} spools hidden", killed, made, sent)
        for was, now in hidden:
            now.parent.mkdir(exist_ok=True)
            shutil.move(was, now)
        _replay(sent)
        lost = _compare("after replaying them", killed, made, sent)
        with contextlib.suppress(ValueError):
            print(
                f"oldest lost was made {max(lost):.3f} s before its kill; over 1 s: "
                f"{sum(age > 1 for age in lost):,}"
            )
        wire.close()
    print(f"kills by the state of the wire: {dict(moods)}")
    shutil.rmtree(folder, ignore_errors=True)


def _kill(
    kills: int, draw: random.Random, wire: Wire, sent: tuple[str, str, str], folder: Path
) -> tuple[list[Killed], Counter[str], list[tuple[Path, Path]]]:
    killed: list[Killed] = []
    moods: Counter[str] = Counter()
    hidden: list[tuple[Path, Path]] = []
    for number in range(kills):
        wire.mood = draw.choice([Mood.UP, Mood.UP, Mood.DOWN, Mood.NO_ANSWER])
        moods[wire.mood] += 1
        killed.append(_one(number, draw, wire, sent, folder))
        if number % 10 == 3:
            for found in Path(sent[2]).glob(f"*/{killed[-1].process}"):
                aside = folder / f"hidden-{number}"
                shutil.move(found, aside)
                hidden.append((aside, found))
        if number % 20 == 19:
            print(f"  {number + 1} kills", flush=True)
    wire.mood = Mood.UP
    return killed, moods, hidden


def _one(
    number: int, draw: random.Random, wire: Wire, sent: tuple[str, str, str], folder: Path
) -> Killed:
    truth = folder / f"truth-{number}"
    truth.write_bytes(bytes(8 * MOST))
    host = subprocess.Popen(
        [sys.executable, "-m", "drills.numbering_host", *sent, str(truth), str(THREADS)],
        cwd=_BASE, env=_ENV, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    process = host.stdout.readline().strip()
    time.sleep(draw.choice([draw.uniform(0, 0.1), draw.uniform(0.1, 1.5)]))
    if draw.random() < 0.3:  # the wire changes while it runs
        wire.mood = draw.choice(list(Mood))
        time.sleep(draw.uniform(0, 0.6))
    host.kill()
    at = time.time()
    host.wait()
    host.stdout.close()
    found = Killed(process, _times(truth), at)
    truth.unlink()
    return found


def _times(truth: Path) -> dict[int, float]:
    """Return when each number returned to the host."""
    found = array.array("d", truth.read_bytes())
    return {number: at for number, at in enumerate(found) if at}


def _compare(
    title: str, killed: list[Killed], made: Installation, sent: tuple[str, str, str]
) -> list[float]:
    """Let a last process take over what is left, then hold the page against ledger and hosts.

    Returns how long before its kill each lost event returned, in seconds.
    """
    last = subprocess.run(
        [sys.executable, "-c", _LAST, *sent],
        env=_ENV, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    page = {row[0]: row[1:] for row in json.loads(made.python(_PAGE))}
    stored = _stored(made)
    lost_each, counted = [], Counter[str]()
    for host in killed:
        lost = host.returned.keys() - stored[host.process]
        lost_each += [host.at - host.returned[number] for number in lost]
        created, arrived, missing, holes, _state = page.get(host.process, (0, 0, 0, [], ""))
        said = {number for first, end in holes for number in range(first, end + 1)}
        under_way = said - lost
        fine = (
            not lost - said
            and not under_way & host.returned.keys()
            and len(under_way) <= THREADS
            and (created, arrived, missing) == (
                arrived + len(said), len(stored[host.process]), len(said),
            )
        )  # fmt: skip
        counted["processes wrong"] += not fine
        counted["made"] += len(host.returned)
        counted["missing by the page"] += len(said)
        counted["under way at the kill"] += len(under_way)
        if not fine:
            print(f"  WRONG {host.process}: lost {sorted(lost)[:9]}, page {page.get(host.process)}")
    print(
        f"{title}: {len(killed)} processes, {counted['made']:,} events returned, "
        f"{len(lost_each):,} lost; the page says {counted['missing by the page']:,} are missing, "
        f"{counted['under way at the kill']} of them calls under way at a kill; "
        f"{counted['processes wrong']} processes counted wrongly"
    )
    print(f"  ended processes nobody told of: {last.stdout.strip()}")
    return lost_each


def _stored(made: Installation) -> defaultdict[str, set[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for (key,) in made.sql("SELECT key FROM usage_usageevent WHERE line = 0"):
        text = str(key)
        found[text[14:28]].add(int(text[28:], 16))
    return found


def _replay(sent: tuple[str, str, str]) -> None:
    env = {**_ENV, "TKNOPS_URL": sent[0], "TKNOPS_API_KEY": sent[1], "TKNOPS_SPOOL": sent[2]}
    done = subprocess.run(
        [sys.executable, "-m", "tknops_sdk", "spool", "replay"],
        env=env, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    print(f"  replay: {done.stdout.strip()}")


if __name__ == "__main__":
    main()
