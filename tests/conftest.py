"""Tests run on a real PostgreSQL, started by the product's own launcher and kept between runs."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

_DATA = Path(__file__).resolve().parent.parent / ".cache" / "tests"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_BROWSER_TESTS = Path(__file__).resolve().parent / "browser"

# The settings read these, so they must stand before pytest-django loads them.
os.environ["TKNOPS_DATA"] = str(_DATA)
os.environ["TKNOPS_DB_ROLE"] = "owner"
os.environ["SECRET_KEY"] = "tests-only-" + "0123456789abcdef" * 4
for _name in ("HTTPS", "DEBUG", "ALLOWED_HOSTS", "CELERY_BROKER_URL"):
    os.environ.pop(_name, None)

from tknops import embedded  # noqa: E402 - as above

_users: Any = None


def pytest_configure(config: pytest.Config) -> None:
    """Start the server; a shared lock tells other runs at the same time that it is in use."""
    global _users  # noqa: PLW0603 - held from here to the end of the run
    if os.environ.get("DATABASE_URL") or config.option.collectonly:
        return
    _DATA.mkdir(parents=True, exist_ok=True)
    _users = (_DATA / "users.lock").open("a")
    fcntl.flock(_users, fcntl.LOCK_SH)
    embedded.start(embedded.Layout.of(_DATA), durable=False)


def pytest_unconfigure() -> None:
    """Stop the server with the last run that uses it."""
    if _users is None:
        return
    with _users:
        try:
            fcntl.flock(_users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        embedded.stop(embedded.Layout.of(_DATA))


def chromium() -> str | None:
    """Return the path of an installed Chromium."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests where there is no browser."""
    if chromium() is None:
        for item in items:
            if _BROWSER_TESTS in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="no Chromium is installed"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in the last lines that browser tests were left out."""
    if chromium() is None:
        terminalreporter.write_line(
            "NOTICE: no Chromium is installed, so the browser tests were skipped.", yellow=True
        )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the installed Chromium; as root it has no sandbox of its own."""
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": chromium(), "args": sandbox}


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give every worker its own cube and uploads; DuckDB is narrowed to the cube's folder once."""
    settings.CUBE_DIR = tmp_path_factory.mktemp("cube")
    settings.UPLOAD_DIR = settings.MEDIA_ROOT = tmp_path_factory.mktemp("uploads")
