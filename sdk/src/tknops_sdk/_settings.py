"""Settings: arguments of `init`, else the environment, else defaults; a bad one never raises."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Optional
from urllib.parse import urlsplit

_MIB = 1024 * 1024
_OFF = frozenset({"0", "false", "no", "off", ""})


class Settings(NamedTuple):
    """How the SDK of this process behaves; `TKNOPS_<NAME>` in the environment stands in."""

    url: str = ""
    api_key: str = ""
    environment: Optional[str] = None
    enabled: bool = True
    # Events held in memory before they are sent or spooled; about 600 bytes each.
    max_queue: int = 20_000
    batch_size: int = 1_000
    # Seconds an event waits for others.
    interval: float = 0.25
    timeout: float = 10.0
    exit_timeout: float = 2.0
    # A folder, or False for none.
    spool: Any = None
    spool_mib: int = 256
    spool_days: float = 30.0
    # Ask OpenAI for the usage of streams that did not ask for it; the extra chunk is not shown.
    stream_usage: bool = True
    # Handle SIGTERM where the host does not: flush, then end as before.
    sigterm: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether events can be sent."""
        address = urlsplit(self.url)
        return address.scheme in {"http", "https"} and bool(address.hostname and self.api_key)

    @property
    def spool_folder(self) -> Optional[Path]:
        """Where this server's and key's events wait; None if nothing is to be written."""
        if self.spool is False:
            return None
        import hashlib

        said = f"{self.url.rstrip('/')}|{self.api_key}".encode()
        return Path(self.spool or _default_folder()) / hashlib.sha256(said).hexdigest()[:16]

    @property
    def spool_bytes(self) -> int:
        """The spool's cap."""
        return self.spool_mib * _MIB


def _default_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME")
    home = Path(state) if state else Path("~/.local/state").expanduser()
    if home.is_absolute() and os.access(home if home.exists() else home.parent.parent, os.W_OK):
        return home / "tknops-sdk"
    import tempfile

    owner = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"tknops-sdk-{owner}"


def read_settings(
    said: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[Settings, list[str]]:
    """Return the settings and the names of those that could not be read and keep their default."""
    found: dict[str, Any] = {}
    bad: list[str] = []
    for name, default in Settings._field_defaults.items():
        value: Any = said.get(name)
        if value is None:
            value = environ.get(f"TKNOPS_{name.upper()}")
        if value is None:
            continue
        try:
            found[name] = _read(name, value, default)
        except (TypeError, ValueError):
            bad.append(name)
    bad.extend(sorted(str(name)[:40] for name in said.keys() - set(Settings._fields)))
    return Settings(**found), bad


def _read(name: str, value: Any, default: Any) -> Any:
    if name == "spool":
        off = value is False or (isinstance(value, str) and value.lower() in _OFF)
        return False if off else os.fspath(value)
    if isinstance(default, bool):
        return value.strip().lower() not in _OFF if isinstance(value, str) else bool(value)
    if isinstance(default, (int, float)):
        number = type(default)(value)
        if number <= 0:
            raise ValueError(name)
        return number
    if not isinstance(value, str):
        raise TypeError(name)
    return value.strip()
