"""A database of its own beside the configured one, a granian on a free port, and writers."""

import http.client
import multiprocessing
import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from tknops.supervisor.parts import answers, web

_READY_WITHIN = 30


@dataclass(frozen=True, slots=True)
class Door:
    """Where and what to post, and the answer that says all of it was stored."""

    path: str
    content_type: str
    complete: re.Pattern[bytes]
    host: str = "127.0.0.1"


_COUNTS = re.compile(rb'"duplicate":0,"conflict":0,"rejected":0')
NATIVE = Door("/api/v1/events", "application/json", _COUNTS)
CLOUDEVENTS = Door("/api/v1/events", "application/cloudevents-batch+json", _COUNTS)
OTLP_JSON = Door("/v1/traces", "application/json", re.compile(rb"^\{\}$"))
OTLP_PROTOBUF = Door("/v1/traces", "application/x-protobuf", re.compile(rb"^$"))


@contextmanager
def scratch_database() -> Iterator[None]:
    """Migrate an empty database on the configured server; the real ledger is never written."""
    if not os.environ.get("DATABASE_URL"):
        from tknops.embedded import ensure_running  # noqa: PLC0415 - only without a server

        ensure_running()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


@contextmanager
def serving(**variables: str) -> Iterator[int]:
    """Serve from the scratch database by the processes `make run` starts; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        answering = Path(folder) / "answers"
        env = {
            **os.environ, **variables,
            "DATABASE_URL": database_url(), "ANSWERS_SOCKET": str(answering),
        }  # fmt: skip
        quiet = ["--log-level", "error"]
        servers = [
            subprocess.Popen([*command, *quiet], env=env)
            for command in (answers(answering), web(port))
        ]
        try:
            _wait(port)
            yield port
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait(timeout=20)


def database_url() -> str:
    """Name the scratch database for another process."""
    to = connection.settings_dict
    secret = f":{quote(to['PASSWORD'], safe='')}" if to.get("PASSWORD") else ""
    host, name = to["HOST"] or "localhost", to["NAME"]
    if host.startswith("/"):  # a folder of sockets stands before the name
        host, name = "", f"{host}/{name}"
    return f"postgres://{quote(to['USER'])}{secret}@{host}:{to['PORT'] or 5432}/{name}"


def _wait(port: int) -> None:
    for _ in range(_READY_WITHIN * 10):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    message = "granian did not start"
    raise TimeoutError(message)


def send(
    port: int, key: str, loads: Sequence[list[bytes]], door: Door = NATIVE
) -> tuple[float, list[float]]:
    """Post one load per writer at once; returns the seconds taken and each request's."""
    connection.close()  # no writer may inherit it
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(len(loads) + 1), context.SimpleQueue()
    writers = [context.Process(target=_write, args=(port, key, load, door, start, answers))
               for load in loads]  # fmt: skip
    for writer in writers:
        writer.start()
    start.wait()
    began = time.perf_counter()
    latencies = [taken for _ in writers for taken in answers.get()]
    seconds = time.perf_counter() - began
    for writer in writers:
        writer.join()
        if writer.exitcode:
            message = "a writer failed; see above"
            raise RuntimeError(message)
    return seconds, latencies


def _write(port, key, load, door, start, answers):
    client = Client(port, key, door)
    start.wait()
    latencies = []
    try:
        for body in load:
            latencies.append(client.post(body))  # noqa: PERF401 - keeps those before a failure
    finally:
        answers.put(latencies)


class Client:
    """One connection to a door."""

    def __init__(self, port: int, key: str, door: Door = NATIVE) -> None:
        """Connect."""
        self._door = door
        self._client = http.client.HTTPConnection(door.host, port)
        self._client.connect()
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": door.content_type}

    def post(self, body: bytes) -> float:
        """Post once and return the seconds; anything but all stored ends the process."""
        began = time.perf_counter()
        self._client.request("POST", self._door.path, body, self._headers)
        answer = self._client.getresponse()
        text = answer.read()
        seconds = time.perf_counter() - began
        if answer.status != http.client.OK or not self._door.complete.search(text):
            message = f"answer {answer.status}: {text[:300]!r}"
            raise SystemExit(message)
        return seconds
