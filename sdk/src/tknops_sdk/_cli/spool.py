"""What waits on disk: list, replay, export."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from tknops_sdk._delivery import _spool
from tknops_sdk._delivery._spool import locks
from tknops_sdk._delivery.answers import Decision, Fate, decide
from tknops_sdk._delivery.connection import Connection
from tknops_sdk._delivery.ledger import Ledger
from tknops_sdk._identity import Identity, process_of
from tknops_sdk._settings import Settings

_BATCH = 500


def run(settings: Settings, action: str, *, every: bool, dead: bool) -> int:
    """Do one action; return the exit code."""
    folder = settings.spool_folder
    if folder is None:
        print("The spool is off (TKNOPS_SPOOL): nothing waits on disk.", file=sys.stderr)
        return 1
    folders = sorted(p for p in folder.parent.glob("*") if p.is_dir()) if every else [folder]
    if action == "list":
        return _list(folders)
    if action == "export":
        for path in _files(folders, dead=dead):
            for event in _events(path):
                sys.stdout.buffer.write(event + b"\n")
        return 0
    return _replay(settings, folders, dead=dead)


def _files(folders: list[Path], *, dead: bool) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(folder.glob("dead/*.jsonl" if dead else "*/*.events"))


def _events(path: Path) -> Iterator[bytes]:
    if path.suffix == ".events":
        yield from (event for event in _spool.read(path) if event is not None)
        return
    for line in path.read_bytes().splitlines():
        marker = line.find(b'"event": ')
        if marker > 0:
            yield line[marker + 9 : -1]


def _list(folders: list[Path]) -> int:
    """Print one line per process and one per file of refused events."""
    total = 0
    for folder in folders:
        for process in sorted(p for p in folder.glob("*") if p.is_dir() and p.name != "dead"):
            paths = sorted(process.glob("*.events"))
            records = [event for path in paths for event in _spool.read(path)]
            lock = locks.take(process)
            if lock is not None:
                os.close(lock)
            state = "running" if lock is None else "ended"
            whole = sum(event is not None for event in records)
            total += whole
            oldest = min((path.stat().st_mtime for path in paths), default=None)
            print(
                f"{folder.name}/{process.name}  {state}  {whole:,} events in {len(paths)} segments"
                f"{_age(oldest)}"
                + (f"  {len(records) - whole} torn" if whole < len(records) else "")
            )
        for path in sorted(folder.glob("dead/*.jsonl")):
            letters = [json.loads(line) for line in path.read_bytes().splitlines() if line]
            codes = sorted({f"{one['status']} {one['code']}".strip() for one in letters})
            print(f"{folder.name}/dead/{path.stem}  {len(letters):,} refused: {', '.join(codes)}")
    print(f"{total:,} events wait.")
    return 0


def _age(at: Optional[float]) -> str:
    return "" if at is None else f", last written {max(0, int(time.time() - at)):,} s ago"


def _replay(settings: Settings, folders: list[Path], *, dead: bool) -> int:
    """Send events again under their ids; a file whose events are all answered is removed."""
    if not settings.is_complete:
        print("Set TKNOPS_URL and TKNOPS_API_KEY.", file=sys.stderr)
        return 1
    connection = Connection(settings.url, settings.api_key, settings.timeout)
    counts: dict[str, int] = {}
    for path in _files(folders, dead=dead):
        lock = None if dead else locks.take(path.parent)
        if lock is None and not dead:
            print(f"{path.parent.name} runs and sends its events itself.")
            continue
        answered = _send_file(path, connection, counts)
        if answered:
            path.unlink(missing_ok=True)
        if lock is not None:
            os.close(lock)
        if not answered:
            print(f"Stopped at {path.name}: not all of it was answered.", file=sys.stderr)
            break
    else:
        print(", ".join(f"{name} {count:,}" for name, count in counts.items()) or "Nothing waits.")
        return 0
    return 1


def _send_file(path: Path, connection: Connection, counts: dict[str, int]) -> bool:
    """Send a file's events; refused ones keep the file of refused events as it is."""
    events = list(_events(path))
    refused = 0
    for start in range(0, len(events), _BATCH):
        batch = events[start : start + _BATCH]
        decision = _send(batch, connection)
        if decision.fate not in {Fate.SETTLED, Fate.DEAD}:
            print(f"The server answered {decision.status or 'nothing'}.", file=sys.stderr)
            return False
        settled = decision.counts if decision.fate is Fate.SETTLED else {"rejected": len(batch)}
        for name, count in settled.items():
            counts[name] = counts.get(name, 0) + count
        refused += settled.get("rejected", 0)
    return not refused


def _send(batch: list[bytes], connection: Connection) -> Decision:
    ledger = Ledger(Identity())
    own = {process_of(event) for event in batch}
    headers = ledger.headers(batch) if len(own) == 1 else {}
    return decide(connection.post(b"[" + b",".join(batch) + b"]", headers), len(batch))
