"""API keys: tko_<8 public>_<32 secret>, stored as SHA-256, shown once, bound to a source."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Sequence

from usage.models import ApiKey, Source

_ALPHABET = string.ascii_lowercase + string.digits
_SHAPE = re.compile(r"tko_([a-z0-9]{8})_[a-z0-9]{32}")
_USE_NOTED_EVERY = dt.timedelta(minutes=1)


class KeyRefusedError(Exception):
    """The key does not open this door: `status` 401 or 403, and why."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says beside its body."""
        return {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}


def create_key(
    *, source: Source, scopes: Sequence[str], expires_at: dt.datetime | None = None
) -> str:
    """Create a key and return it; it cannot be read again. Raises ValueError on a bad scope."""
    for scope in scopes:
        if scope not in ApiKey.Scope.values:
            message = f"{scope!r} is not a scope; accepted: {', '.join(ApiKey.Scope.values)}"
            raise ValueError(message)
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    key = f"tko_{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(32))
    ApiKey.objects.create(
        source=source,
        prefix=prefix,
        digest=hashlib.sha256(key.encode()).digest(),
        scopes=list(scopes),
        expires_at=expires_at,
    )
    return key


def check_key(authorization: str, *, scope: str, now: dt.datetime) -> ApiKey:
    """Return the key of an Authorization header. Raises KeyRefusedError."""
    scheme, _, token = authorization.partition(" ")
    match = _SHAPE.fullmatch(token.strip())
    if scheme.lower() != "bearer" or match is None:
        detail = "Send an API key as `Authorization: Bearer tko_…`."
        raise KeyRefusedError(401, "key_missing", detail)
    key = ApiKey.objects.select_related("source").filter(prefix=match[1]).first()
    digest = hashlib.sha256(token.strip().encode()).digest()
    if key is None or not hmac.compare_digest(bytes(key.digest), digest):
        raise KeyRefusedError(401, "key_unknown", "This API key is not known here.")
    if key.revoked_at or (key.expires_at and key.expires_at <= now):
        raise KeyRefusedError(401, "key_ended", "This API key was revoked or has expired.")
    if scope not in key.scopes:
        raise KeyRefusedError(403, "scope_missing", f"This API key lacks the scope {scope}.")
    if key.last_used_at is None or now - key.last_used_at > _USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key
