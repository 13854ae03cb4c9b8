"""The embedded default: a real PostgreSQL in the project's data folder, by our own launcher."""

import os
from pathlib import Path

from tknops.embedded.errors import EmbeddedError
from tknops.embedded.layout import Layout
from tknops.embedded.liveness import PORT, is_running
from tknops.embedded.roles import APP, DATABASE, OWNER
from tknops.embedded.server import start, stop

__all__ = [
    "EmbeddedError",
    "Layout",
    "data_dir",
    "database",
    "ensure_running",
    "is_running",
    "needed",
    "start",
    "stop",
]

_WITHOUT_DATABASE = frozenset(
    ("check", "collectstatic", "help", "--help", "-h", "version", "--version", "spectacular")
)


def data_dir() -> Path:
    """Return the data folder of this installation (TKNOPS_DATA, default ./data)."""
    default = Path(__file__).resolve().parent.parent.parent / "data"
    return Path(os.environ.get("TKNOPS_DATA") or default).resolve()


def database(folder: Path, *, role: str) -> dict[str, object]:
    """Return Django's connection settings for the role "app" or "owner"; starts nothing."""
    return {
        "ENGINE": "tknops.postgresql",
        "NAME": DATABASE,
        "USER": OWNER if role == "owner" else APP,
        "HOST": str(Layout.of(folder).sockets),
        "PORT": str(PORT),
    }


def needed(arguments: list[str]) -> bool:
    """Tell whether a manage.py command line needs the embedded server."""
    first = arguments[0] if arguments else "help"
    return not os.environ.get("DATABASE_URL") and first not in _WITHOUT_DATABASE


def ensure_running(folder: Path | None = None) -> None:
    """Start the server of the data folder (default: this installation's) unless it runs."""
    start(Layout.of(folder or data_dir()))
