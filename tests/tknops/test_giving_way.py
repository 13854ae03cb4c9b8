"""Giving way: a command, and the server's side of a connection, have a lower priority."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from tknops.giving_way import session_gives_way


def test_a_command_runs_at_a_lower_priority():
    command = [sys.executable, "-m", "tknops.giving_way", "nice"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b"10\n"


@pytest.mark.django_db
def test_the_servers_side_of_a_connection_has_a_lower_priority():
    session_gives_way()
    backend = connection.connection.info.backend_pid
    local = connection.settings_dict["HOST"].startswith("/")
    try:
        priority = os.getpriority(os.PRIO_PROCESS, backend)
    except ProcessLookupError:
        priority = None  # the server is on another machine
    assert priority == 10 if local else priority != 10
    assert os.getpriority(os.PRIO_PROCESS, 0) != 10
