"""Create and revoke keys: two live ones per source and scope, so that a key can be rotated."""

import datetime as dt
import secrets
import string
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from usage.keys.shape import digest
from usage.models import ApiKey, Source

LIVE_AT_ONCE = 2
_ALPHABET = string.ascii_lowercase + string.digits


class KeyNotCreatedError(ValueError):
    """A key as asked for may not be; says what is accepted."""


@transaction.atomic
def create_key(
    *,
    source: Source,
    scopes: Sequence[str],
    now: dt.datetime | None = None,
    name: str = "",
    expires_at: dt.datetime | None = None,
    rate_per_minute: int | None = None,
    created_by: Any = None,
) -> str:
    """Create a key and return it; it cannot be read again. Raises KeyNotCreatedError."""
    now = now or timezone.now()
    _check(scopes, expires_at, now)
    # The lock lets one key of a source be created at a time, so that the count holds.
    Source.objects.select_for_update().get(pk=source.pk)
    for scope in scopes:
        live = ApiKey.objects.live(now).filter(source=source, scopes__contains=[scope]).count()
        if live >= LIVE_AT_ONCE:
            message = (
                f"{source} has {live} live keys for {scope} and may have {LIVE_AT_ONCE}: "
                "move its senders to the newer one, then revoke the older one."
            )
            raise KeyNotCreatedError(message)
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    key = f"tko_{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(32))
    ApiKey.objects.create(
        source=source,
        name=name,
        prefix=prefix,
        digest=digest(key),
        scopes=list(dict.fromkeys(scopes)),
        expires_at=expires_at,
        rate_per_minute=rate_per_minute,
        created_by=created_by,
    )
    return key


def _check(scopes: Sequence[str], expires_at: dt.datetime | None, now: dt.datetime) -> None:
    accepted = ", ".join(ApiKey.Scope.values)
    if not scopes:
        message = f"A key needs a scope; accepted: {accepted}"
        raise KeyNotCreatedError(message)
    for scope in scopes:
        if scope not in ApiKey.Scope.values:
            message = f"{scope!r} is not a scope; accepted: {accepted}"
            raise KeyNotCreatedError(message)
    if expires_at is not None and expires_at <= now:
        message = f"The key would have expired at {expires_at:%Y-%m-%d %H:%M}; give a later time."
        raise KeyNotCreatedError(message)


def revoke_key(*, key: ApiKey, now: dt.datetime) -> None:
    """End a key at once: every request looks it up. The time of the first revocation stays."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
