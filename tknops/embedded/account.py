"""Which account runs PostgreSQL: it refuses root, so root hands over to an unprivileged one."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tknops.embedded.errors import EmbeddedError

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group the server runs as."""

    uid: int
    gid: int
    name: str

    @classmethod
    def current(cls) -> "Account":
        """Return ourselves, or for root the first unprivileged account there is."""
        if os.getuid() != 0:
            return cls(os.getuid(), os.getgid(), str(os.getuid()))
        for name in _CANDIDATES:
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid, name)
        names = " or ".join(_CANDIDATES)
        message = f"PostgreSQL refuses to run as root, and there is no account {names}."
        raise EmbeddedError(message)

    def subprocess_options(self) -> dict[str, Any]:
        """Return the options of subprocess that drop root; none where there is none to drop."""
        if os.getuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path, mode: int = 0o700) -> None:
        """Make a folder of this account's (its parent exists and is left as it is)."""
        path.mkdir(exist_ok=True)
        self.give(path)
        path.chmod(mode)

    def give(self, path: Path) -> None:
        """Hand a file or folder over to this account."""
        if os.getuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_reach(self, path: Path) -> bool:
        """Tell whether this account can pass through every folder above path."""
        if os.getuid() != 0:
            return True
        for folder in path.parents:
            if not folder.exists():
                continue
            state = folder.stat()
            passes = state.st_mode & 0o001 or (state.st_uid == self.uid and state.st_mode & 0o100)
            if not passes:
                return False
        return True
