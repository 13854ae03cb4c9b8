"""Fixtures of all tests; tests/environment.py says where they run."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from billing.importers import import_file, receive, stage
from tests.environment import DATA

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _BROWSERS)), None)


def pytest_collection_modifyitems(items):
    """Skip the browser tests where there is no browser."""
    folder = Path(__file__).parent / "browser"
    for item in items:
        if CHROMIUM is None and folder in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="no Chromium is installed"))


def pytest_terminal_summary(terminalreporter):
    if CHROMIUM is None:
        notice = "NOTICE: no Chromium is installed, so the browser tests were skipped."
        terminalreporter.write_line(notice, yellow=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Launch the installed Chromium; as root it has no sandbox of its own."""
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": sandbox}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End sessions a server's threads left, so that the database can be dropped."""
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            # An autovacuum worker is not ours to end; dropping the database ends it.
            "AND backend_type = 'client backend'"
        )


@pytest.fixture(autouse=True)
def _own_files(settings):
    """Each test has a cube of its own and no ids remembered from rolled-back rows."""
    from usage.cube import duck
    from usage.ingest import intern, tags

    with tempfile.TemporaryDirectory(dir=DATA) as folder:
        settings.CUBE_DIR = Path(folder)
        settings.CLOSED_DIR = Path(folder) / "closed"
        duck._database.cache_clear()
        intern.forget()
        tags.forget()
        yield


@pytest.fixture
def source(db):
    from usage.models import Source

    return Source.objects.create(name="tests")


@pytest.fixture
def api_key(source):
    from usage.keys import create_key

    return create_key(source=source, scopes=["events:write", "reports:read"])


@pytest.fixture
def prices(db):
    """A price book of one model, in USD per million: input 2.50, cache read 1.25, output 10."""
    from usage.models import Price

    for token_class, per_million in (
        ("input_tokens", "2.50"),
        ("cache_read_tokens", "1.25"),
        ("output_tokens", "10"),
    ):
        Price.objects.create(
            provider_code="openai", model="gpt-4o", token_class=token_class, per_million=per_million
        )


@pytest.fixture
def send(client, api_key):
    """Post events to the real endpoint."""
    import json

    def post(events, **headers):
        body = events if isinstance(events, bytes | str) else json.dumps(events)
        answer = client.post(
            "/api/v1/events",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {api_key}", **headers},
        )
        # Never an HTML page, whatever was sent.
        assert answer["Content-Type"] in {"application/json", "application/problem+json"}
        return answer

    return post


@pytest.fixture
def event():
    """Make a valid event; keywords replace fields."""

    def make(**fields):
        return {
            "id": "e-1",
            "time": "2026-10-05T14:03:21.123456Z",
            "provider": "openai",
            "model": "gpt-4o",
            "customer": "acme",
            "usage": {"input_tokens": 1200, "cache_read_tokens": 1024, "output_tokens": 300},
        } | fields

    return make


@pytest.fixture
def import_bytes(db, tmp_path):
    """Import the content of a file whole."""

    def do(content, profile="generic", file_name="f.csv"):
        path = tmp_path / "file"
        path.write_bytes(content)
        return import_file(path=path, file_name=file_name, profile=profile)

    return do


@pytest.fixture
def stage_bytes(db, tmp_path):
    """Stage the content of a file."""

    def do(content, profile="generic", file_name="f.csv"):
        path = tmp_path / "file"
        path.write_bytes(content)
        return stage(made=receive(path=path, file_name=file_name, profile=profile), path=path)

    return do
