"""Child processes in sessions of their own, with a log each, stopped together."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Child:
    """One running part."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    log_from: int

    def obituary(self) -> str:
        """Say how it ended, with the last lines it wrote."""
        code = self.process.returncode
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        return f"{self.name} ended {how}. {last_lines(self.log, self.log_from)}"


def last_lines(log: Path, start: int = 0) -> str:
    """Quote the end of a log, of what was written since byte `start`."""
    with log.open("rb") as file:
        file.seek(start)
        written = file.read().decode(errors="replace").splitlines()
    return f"Its last lines ({log}):\n" + "\n".join(written[-8:])


def spawn(
    name: str, command: Sequence[str], *, logs: Path, env: Mapping[str, str], cwd: Path
) -> Child:
    """Start one part, its output appended to logs/<name>.log."""
    logs.mkdir(parents=True, exist_ok=True)
    path = logs / f"{name}.log"
    with path.open("ab") as log:
        start = path.stat().st_size
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=dict(env),
            cwd=cwd,
            # Linux shares the processor out between sessions first (autogroup): a part that gives
            # way lowers its own session's share, never another part's.
            start_new_session=True,
        )
    return Child(name, process, path, start)


def stop_all(children: Sequence[Child], patience: float = 8.0) -> None:
    """Ask every part to end, then kill what did not within `patience` seconds."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + patience
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
        _kill_group(child)


def _kill_group(child: Child) -> None:
    """Kill what its leader left behind: granian and Celery have children of their own."""
    try:
        os.killpg(child.process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
