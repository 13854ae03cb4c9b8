"""The latency drill with LiteLLM and Langfuse beside, in an environment of its own: one command.

PYTHONPATH=src python -m drills.side_by_side [--calls 20000] [--keep FOLDER]

Makes a virtual environment in a temporary folder, installs both there, runs `drills.latency
--peers` with its interpreter and removes it. `--keep` keeps it in a folder for the next run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from drills.latency import HERE

PEERS = ("litellm", "langfuse")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="tknops-side-"))
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            venv.create(folder, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", *PEERS], check=True)
        found = subprocess.run(
            [python, "-m", "pip", "list", "--format=freeze"],
            check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        named = [line for line in found.stdout.split() if line.split("==")[0] in PEERS]
        print(f"Python {sys.version.split()[0]}, {os.cpu_count()} CPUs, {', '.join(named)}")
        print(f"load before: {', '.join(f'{load:.2f}' for load in os.getloadavg())}", flush=True)
        env = {**os.environ, "PYTHONPATH": str(HERE / "src")}
        said = ["-m", "drills.latency", "--peers", "--calls", str(asked.calls)]
        subprocess.run([python, *said], cwd=HERE, env=env, check=True)
    finally:
        if asked.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
