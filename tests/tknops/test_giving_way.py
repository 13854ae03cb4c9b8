"""Giving way: a command has a lower priority, and so has its session."""

import subprocess
import sys
from pathlib import Path

import pytest


def run(*command: str) -> str:
    giving_way = [sys.executable, "-m", "tknops.giving_way", *command]
    return subprocess.run(giving_way, capture_output=True, text=True, check=True).stdout


def test_a_command_runs_at_a_lower_priority():
    assert run("nice") == "10\n"


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="no autogroup here")
def test_its_session_has_a_lower_share():
    before = Path("/proc/self/autogroup").read_text()
    assert run("cat", "/proc/self/autogroup").endswith(" nice 10\n")
    assert Path("/proc/self/autogroup").read_text() == before
