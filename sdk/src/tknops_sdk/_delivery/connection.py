"""One kept HTTP connection to the server, of the standard library."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Optional
from urllib.parse import urlsplit

from tknops_sdk._delivery.answers import Answer
from tknops_sdk._version import VERSION

if TYPE_CHECKING:
    import http.client

PATH = "/api/v1/events"
_GZIP_FROM = 1024
_MAX_ANSWER = 4 * 1024 * 1024
_RENEW_AFTER = 60.0  # idle seconds after which the other side may have closed


def load() -> None:
    """Import what sending needs, in the thread that calls `init`.

    Were the background thread in the middle of an import when the host forks, the child would
    wait for that module's lock for ever.
    """
    for name in (
        "http.client", "gzip", "ssl", "email.utils", "logging", "urllib.request", "encodings.idna",
        "json.decoder",
    ):  # fmt: skip
        try:
            importlib.import_module(name)
        except ImportError:  # an interpreter without TLS
            continue


class Connection:
    """Posts batches; the key goes into the Authorization header and nowhere else."""

    def __init__(self, url: str, api_key: str, timeout: float) -> None:
        """Remember where; nothing is opened before the first batch."""
        self._address = urlsplit(url)
        self._path = self._address.path.rstrip("/") + PATH
        self._key, self.timeout = api_key, timeout
        self._open: Optional[http.client.HTTPConnection] = None
        self._used_at = 0.0

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer; status 0 if there was none."""
        sent = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._key}",
            "User-Agent": f"tknops-sdk-python/{VERSION}",
            **headers,
        }
        if len(body) >= _GZIP_FROM:
            import gzip

            body = gzip.compress(body, 6)
            sent["Content-Encoding"] = "gzip"
        try:
            return self._post(body, sent)
        except Exception:  # whatever a network, a proxy or a certificate may do
            self.close()
            return Answer(0)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        if self._open is None or time.monotonic() - self._used_at > _RENEW_AFTER:
            self.close()
            self._open = self._connect()
        self._open.request("POST", self._target, body, dict(headers))
        response = self._open.getresponse()
        read = response.read(_MAX_ANSWER)
        self._used_at = time.monotonic()
        if response.will_close or not response.isclosed():
            self.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, read)

    def _connect(self) -> http.client.HTTPConnection:
        import http.client
        from urllib.request import getproxies, proxy_bypass

        address = self._address
        host, port = address.hostname or "", address.port
        secure = address.scheme == "https"
        proxy = None if proxy_bypass(host) else getproxies().get(address.scheme)
        self._target = self._path
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        if not proxy:
            return kind(host, port, timeout=self.timeout)
        through = urlsplit(proxy)
        made = kind(through.hostname or "", through.port, timeout=self.timeout)
        if secure:
            made.set_tunnel(host, port)
        else:
            self._target = f"http://{address.netloc}{self._path}"
        return made

    def close(self) -> None:
        """Close it; the next batch opens another."""
        if self._open is not None:
            try:
                self._open.close()
            except Exception:
                pass
            self._open = None
