"""Where the server's files are, derived from the data folder alone."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from tknops.embedded.account import Account

# A place every account can pass through, for a clone under a private home of root.
_REACHABLE = Path("/var/lib")
# Not tempfile.gettempdir(): two processes with different TMPDIRs must find the same socket, and
# PostgreSQL refuses a socket path over 107 bytes.
_SOCKETS = Path("/tmp")  # noqa: S108 - the folder inside is made with mode 0700 and its owner checked
_POINTER = "postgres.location"


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders of one installation's server."""

    data_dir: Path
    home: Path
    sockets: Path

    @classmethod
    def of(cls, data_dir: Path) -> "Layout":
        """Derive the layout; starts and writes nothing.

        Where the server's account cannot reach the data folder, its cluster lives under /var/lib
        instead: no mode is loosened. A cluster once made stays where it is.
        """
        data_dir = data_dir.resolve()
        mark = hashlib.blake2b(str(data_dir).encode(), digest_size=6).hexdigest()
        elsewhere = _REACHABLE / f"tknops-{mark}"
        return cls(data_dir, _home(data_dir, elsewhere), _SOCKETS / f"tknops-{mark}")

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "postgres"

    @property
    def binaries_copy(self) -> Path:
        """Where the programs are copied if the server's account cannot reach them."""
        return self.home / "postgres-binaries"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "postgres.log"

    @property
    def lock(self) -> Path:
        """Held while a start or stop is under way."""
        return self.data_dir / "postgres.lock"

    @property
    def prepared(self) -> Path:
        """There once roles and database exist; before that nobody may connect."""
        return self.cluster / "tknops.prepared"

    def remember(self) -> None:
        """Leave a pointer in the data folder if the cluster lives elsewhere."""
        if self.home != self.data_dir:
            (self.data_dir / _POINTER).write_text(f"{self.home}\n")


def _home(data_dir: Path, elsewhere: Path) -> Path:
    try:
        return Path((data_dir / _POINTER).read_text().strip())
    except OSError:
        # A folder: whether it is whole only its owner may see, and it is moved in only when it is.
        made = os.path.isdir(data_dir / "postgres")  # noqa: PTH112 - Path.is_dir() raises here
    return data_dir if made or Account.current().can_reach(data_dir / "postgres") else elsewhere
