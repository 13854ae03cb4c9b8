"""The shape of a key, its digest, and how a door refuses one."""

import hashlib
import hmac
import re
from typing import NamedTuple

SHAPE = re.compile(r"tko_([a-z0-9]{8})_[a-z0-9]{32}")


class KeyRefusedError(Exception):
    """The key does not open this door: `status` 401, 403 or 429, why, and headers to send."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.headers = headers or ({"WWW-Authenticate": "Bearer"} if status == 401 else {})


class Presented(NamedTuple):
    """A key as presented: its public prefix and the digest of the whole."""

    prefix: str
    digest: bytes

    def matches(self, digest: bytes) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.digest, digest)


def digest(key: str) -> bytes:
    """Return the SHA-256 of a key; 160 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).digest()


def presented(authorization: str) -> Presented:
    """Read an Authorization header. Raises KeyRefusedError."""
    scheme, _, token = authorization.partition(" ")
    match = SHAPE.fullmatch(token.strip())
    if scheme.lower() != "bearer" or match is None:
        detail = "Send an API key as `Authorization: Bearer tko_…`."
        raise KeyRefusedError(401, "key_missing", detail)
    return Presented(match[1], digest(match[0]))
