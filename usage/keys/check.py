"""Let a key through a door, or say why not: one statement per request, nothing remembered."""

import datetime as dt
import math
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

from usage.keys.shape import KeyRefusedError, Presented, presented
from usage.models import ApiKey, Source

_USE_NOTED_EVERY = dt.timedelta(minutes=1)
_WINDOW = dt.timedelta(minutes=1)
# Raw SQL: the look-up and the allowance in one round trip. A request moves `used_until` on by
# 1 minute ÷ rate; it may run at most a minute ahead. No row comes back from `taken` when it
# would run further. Uses index: unique prefix; primary key of the allowance.
_QUERY = """
    WITH asked AS (
        SELECT k.id, k.source_id, s.name AS source_name, s.is_demo, k.name, k.prefix,
               k.digest, k.scopes, k.expires_at, k.revoked_at, k.last_used_at, a.used_until,
               coalesce(k.rate_per_minute, %(rate)s) AS rate
        FROM usage_apikey k JOIN usage_source s ON s.id = k.source_id
        LEFT JOIN usage_keyallowance a ON a.key_id = k.id
        WHERE k.prefix = %(prefix)s
    ), taken AS (
        INSERT INTO usage_keyallowance AS a (key_id, used_until)
        SELECT id, %(now)s + interval '1 minute' / rate FROM asked
        WHERE digest = %(digest)s AND rate > 0 AND %(scope)s = ANY (scopes)
            AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)
        ON CONFLICT (key_id) DO UPDATE
        SET used_until = greatest(a.used_until - %(now)s, interval '0') + EXCLUDED.used_until
        WHERE a.used_until - %(now)s + EXCLUDED.used_until <= %(now)s + interval '1 minute'
        RETURNING 1
    )
    SELECT id, source_id, source_name, is_demo, name, prefix, digest, scopes, expires_at,
           revoked_at, last_used_at, used_until, rate, EXISTS (SELECT FROM taken)
    FROM asked
"""


class _Found(NamedTuple):
    id: int
    source_id: int
    source_name: str
    is_demo: bool
    name: str
    prefix: str
    digest: bytes
    scopes: list[str]
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None
    used_until: dt.datetime | None
    rate: int
    within_rate: bool


def check_key(authorization: str, *, scope: str, now: dt.datetime) -> ApiKey:
    """Return the key of an Authorization header, one request of its allowance spent.

    Raises KeyRefusedError (401, 403; 429 with Retry-After).
    """
    asked = presented(authorization)
    found = _look_up(asked, scope, now)
    if found is None or not asked.matches(bytes(found.digest)):
        raise KeyRefusedError(401, "key_unknown", "This API key is not known here.")
    if found.revoked_at or (found.expires_at and found.expires_at <= now):
        raise KeyRefusedError(401, "key_ended", "This API key was revoked or has expired.")
    if scope not in found.scopes:
        raise KeyRefusedError(403, "scope_missing", f"This API key lacks the scope {scope}.")
    if found.rate and not found.within_rate:
        raise _too_fast(found, now)
    _note_use(found, now)
    return _key(found)


def _look_up(asked: Presented, scope: str, now: dt.datetime) -> _Found | None:
    values: dict[str, Any] = {
        "prefix": asked.prefix,
        "digest": asked.digest,
        "scope": scope,
        "now": now,
        "rate": settings.API_KEY_RATE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, values)
        row = cursor.fetchone()
    return _Found(*row) if row else None


def _too_fast(found: _Found, now: dt.datetime) -> KeyRefusedError:
    step = _WINDOW / found.rate
    ahead = (found.used_until or now) + step - now - _WINDOW
    wait = max(1, math.ceil(ahead.total_seconds()))
    detail = f"This API key may make {found.rate:,} requests per minute; try again in {wait} s."
    return KeyRefusedError(429, "rate_limited", detail, headers={"Retry-After": str(wait)})


def _note_use(found: _Found, now: dt.datetime) -> None:
    if found.last_used_at is None or now - found.last_used_at > _USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=found.id).update(last_used_at=now)


def _key(found: _Found) -> ApiKey:
    source = Source(pk=found.source_id, name=found.source_name, is_demo=found.is_demo)
    return ApiKey(
        pk=found.id, source=source, name=found.name, prefix=found.prefix, scopes=found.scopes
    )
