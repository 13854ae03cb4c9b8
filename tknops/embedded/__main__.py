"""python -m tknops.embedded start|stop|status."""

import sys

from tknops.embedded import EmbeddedError, Layout, data_dir, is_running, start, stop


def main() -> int:
    """Do what the one argument says; return the exit code."""
    layout = Layout.of(data_dir())
    actions = {"start": start, "stop": stop, "status": lambda _: None}
    action = sys.argv[1] if len(sys.argv) == 2 else ""  # noqa: PLR2004
    if action not in actions:
        sys.stderr.write(f"{action!r} is not one of {', '.join(actions)}\n")
        return 2
    try:
        actions[action](layout)
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    state = "running" if is_running(layout) else "stopped"
    sys.stdout.write(f"PostgreSQL in {layout.cluster}: {state}\n")
    return 0


sys.exit(main())
