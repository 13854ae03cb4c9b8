"""Fixtures: a server on this machine and an SDK of the test's own."""

import asyncio
import importlib.util
import inspect

import pytest
from server import Server

import tknops_sdk
from tknops_sdk import _client
from tknops_sdk._delivery import tally
from tknops_sdk._wrap import call

_OPTIONAL = ("openai", "anthropic", "google.genai", "boto3", "together", "langchain_core")


def _missing(name):
    try:
        return importlib.util.find_spec(name) is None
    except ModuleNotFoundError:
        return True


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run tests that are coroutines: pytest alone has to do."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def pytest_terminal_summary(terminalreporter):
    missing = ", ".join(filter(_missing, _OPTIONAL))
    if missing:
        notice = f"NOTICE: not installed, so their tests were skipped: {missing}."
        terminalreporter.write_line(notice, yellow=True)


@pytest.fixture(autouse=True)
def _own_tallies(tmp_path_factory, monkeypatch):
    """Tallies of a test are its own; those of programs it starts are by their spool."""
    monkeypatch.setattr(tally, "ROOT", tmp_path_factory.mktemp("shm"))


@pytest.fixture
def server():
    made = Server()
    yield made
    made.stop()
    assert leaks(made, None) == []


def leaks(server, folder):
    """Where a canary got to: every prompt, answer, key and header of these tests is one."""
    sent = [*server.bodies, *(str(headers).encode() for headers in server.requests)]
    kept = [] if folder is None else [p.read_bytes() for p in folder.rglob("*") if p.is_file()]
    return [one for one in (*sent, *kept) if b"canary" in one.lower()]


@pytest.fixture
def sdk(server, tmp_path, monkeypatch):
    """The SDK, begun anew with a server and a spool of its own; `sent` flushes and lists."""
    for name in ("URL", "API_KEY", "ENVIRONMENT", "SPOOL"):
        monkeypatch.delenv(f"TKNOPS_{name}", raising=False)
    call._told.clear()
    begin(server, tmp_path)
    yield tknops_sdk
    tknops_sdk.uninstrument()
    tknops_sdk.close(1)
    assert leaks(server, tmp_path) == []


def begin(server, folder, **more):
    _client.CLIENT.not_taken = _client.Counts()
    _client.CLIENT.told_twice = _client.Counts()
    _client.CLIENT.troubles = _client.Troubles()
    said = {"url": server.url, "api_key": "tko_test", "spool": str(folder), "interval": 0.02}
    tknops_sdk.init(**{**said, "sigterm": False, **more})


@pytest.fixture
def sent(sdk, server):
    """Flush, and return the events stored so far in the order they were made."""

    def do():
        assert sdk.flush(5)
        return sorted(server.events.values(), key=lambda event: event["id"])

    return do
