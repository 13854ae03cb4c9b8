"""Giving way: a command has a lower priority."""

import subprocess
import sys


def test_a_command_runs_at_a_lower_priority():
    command = [sys.executable, "-m", "tknops.giving_way", "nice"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"10\n"
