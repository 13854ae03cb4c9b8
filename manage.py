#!/usr/bin/env python
"""Run a management command of tknOps, starting the embedded PostgreSQL if it is needed."""

import os
import sys

from django.core.management import execute_from_command_line

from tknops.embedded import ensure_running, needed


def main() -> None:
    """Point Django at the settings and hand over the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tknops.settings")
    if needed(sys.argv[1:]):
        ensure_running()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
