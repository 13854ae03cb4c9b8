"""Where the server's files are, derived from the data folder alone."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tknops.embedded.account import Account

# A place every account can pass through, for a clone under a private home of root.
_REACHABLE = Path("/var/lib")


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders of one installation's server."""

    data_dir: Path
    cluster: Path
    sockets: Path
    binaries_copy: Path
    log: Path
    lock: Path

    @classmethod
    def of(cls, data_dir: Path) -> "Layout":
        """Derive the layout.

        The socket's folder is short, since a socket path over 107 bytes is refused. Where the
        server's account cannot reach the data folder, its cluster lives under /var/lib instead:
        no mode is loosened.
        """
        data_dir = data_dir.resolve()
        mark = hashlib.blake2b(str(data_dir).encode(), digest_size=6).hexdigest()
        home = data_dir
        if not Account.current().can_reach(data_dir / "postgres"):
            home = _REACHABLE / f"tknops-{mark}"
        return cls(
            data_dir=data_dir,
            cluster=home / "postgres",
            sockets=Path(tempfile.gettempdir()) / f"tknops-{mark}",
            binaries_copy=home / "postgres-binaries",
            log=home / "postgres.log",
            lock=data_dir / "postgres.lock",
        )
