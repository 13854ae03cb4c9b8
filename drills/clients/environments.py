"""A virtual environment per requirements file, kept in a cache folder until the file changes."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

_HERE = Path(__file__).parent
BASE = _HERE.parent.parent


class NoRegistryError(Exception):
    """The packages could not be installed."""


def python_of(name: str, *, cache: Path) -> Path:
    """Return the Python that has requirements-NAME.txt. Raises NoRegistryError."""
    wanted = _HERE / f"requirements-{name}.txt"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()[:12]
    folder = cache / f"{name}-{digest}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if ready.exists():
        return python
    venv.create(folder, clear=True, with_pip=True)
    print(f"installing {wanted.name} …", file=sys.stderr)
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        message = (
            f"{wanted.name} could not be installed: is the package index reachable? pip said:\n"
            f"{done.stderr[-1500:]}"
        )
        raise NoRegistryError(message)
    ready.touch()
    return python


def run(python: Path, command: list[str], *, said: dict[str, str]) -> str:
    """Run a program of `emit` with this said in its environment; return what went wrong."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DJANGO_", "TKNOPS_", "OTEL_", "LANGCHAIN_", "LANGSMITH_"))
    }
    done = subprocess.run(
        [python, *command],
        env={**clean, **said}, cwd=BASE, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return done.stderr[-3000:] if done.returncode else ""
