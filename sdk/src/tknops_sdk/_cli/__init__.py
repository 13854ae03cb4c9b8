"""`tknops-sdk spool list|replay|export` and `tknops-sdk doctor`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Optional

from tknops_sdk._cli import doctor, spool
from tknops_sdk._settings import read_settings
from tknops_sdk._version import VERSION


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run a command; return its exit code."""
    parser = argparse.ArgumentParser(prog="tknops-sdk", description=__doc__)
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("--url", help="the server; TKNOPS_URL")
    parser.add_argument("--spool", help="the folder events wait in; TKNOPS_SPOOL")
    commands = parser.add_subparsers(dest="command", required=True)
    waiting = commands.add_parser("spool", help="what waits on disk, and refused events")
    actions = waiting.add_subparsers(dest="action", required=True)
    for name, text in (
        ("list", "say what waits: per server and key, per process"),
        ("replay", "send what ended processes left, to the server and with the key set"),
        ("export", "write events as JSON lines, also those of processes that run"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--all", action="store_true", help="of every server and key")
        action.add_argument("--dead", action="store_true", help="the refused events instead")
    commands.add_parser("doctor", help="check address, key, clock and disk; send a test event")
    asked = parser.parse_args(arguments)
    settings, _ = read_settings({"url": asked.url, "spool": asked.spool}, os.environ)
    try:
        if asked.command == "doctor":
            return doctor.run(settings)
        return spool.run(settings, asked.action, every=asked.all, dead=asked.dead)
    except BrokenPipeError:  # `| head`
        sys.stderr.close()
        return 0
