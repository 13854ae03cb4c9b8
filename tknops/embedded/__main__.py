"""python -m tknops.embedded start|stop|status [--data DIR]."""

import argparse
import sys
from pathlib import Path

from tknops.embedded import EmbeddedError, Layout, data_dir, is_running, start, stop


def main() -> int:
    """Do what the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tknops.embedded")
    parser.add_argument("action", choices=("start", "stop", "status"))
    parser.add_argument("--data", type=Path, default=data_dir(), help="the data folder")
    given = parser.parse_args()
    try:
        if given.action == "start":
            start(Layout.of(given.data))
        elif given.action == "stop":
            stop(Layout.of(given.data))
        layout = Layout.of(given.data)
        state = "running" if is_running(layout) else "stopped"
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"PostgreSQL in {layout.cluster}: {state}\n")
    return 0


sys.exit(main())
