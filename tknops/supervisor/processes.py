"""Child processes in groups of their own, with a log each, stopped together."""

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

    def obituary(self) -> str:
        """Say how it ended, with the last lines it wrote."""
        code = self.process.returncode
        how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        last = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        return f"{self.name} ended {how}. Its last lines ({self.log}):\n{last}"


def spawn(name: str, command: Sequence[str], logs: Path, env: Mapping[str, str]) -> Child:
    """Start one part, its output appended to logs/<name>.log."""
    logs.mkdir(parents=True, exist_ok=True)
    path = logs / f"{name}.log"
    with path.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=dict(env),
            start_new_session=True,
        )
    return Child(name, process, path)


def stop_all(children: Sequence[Child], patience: float = 8.0) -> None:
    """Ask every part to end, then kill what did not within `patience` seconds."""
    for child in children:
        _signal(child, signal.SIGTERM)
    deadline = time.monotonic() + patience
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL)
            child.process.wait()


def _signal(child: Child, number: signal.Signals) -> None:
    """Signal the whole group: granian and Celery have children of their own."""
    if child.process.poll() is None:
        os.killpg(child.process.pid, number)
