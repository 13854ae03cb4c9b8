"""Identity and fingerprint: which event it is, and whether it says the same as before."""

import re
from hashlib import blake2b
from typing import Any

import msgspec

from usage.ingest.errors import EventError

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_MAX_BYTES = 200
_canonical = msgspec.json.Encoder(order="sorted")


def event_key(identity: str) -> bytes:
    """Return 16 bytes: a canonical lower-case UUIDv7 as it is, any other id a hash of its bytes.

    Raises EventError.
    """
    if _UUID7.fullmatch(identity):
        return bytes.fromhex(identity.replace("-", ""))
    if not identity.strip():
        raise EventError("id_missing", "/id")
    raw = identity.encode()
    if len(raw) > _MAX_BYTES:
        raise EventError("id_too_long", "/id")
    if identity != identity.strip():
        raise EventError("id_whitespace", "/id")
    if "\x00" in identity:
        raise EventError("control_character", "/id")
    return blake2b(raw, digest_size=16).digest()


def timed_key(milliseconds: int, rest: bytes) -> bytes:
    """Return a key that begins with an instant, so that keys of one time lie together.

    The ten bytes of `rest` alone do not tell an event apart: the instant is part of its identity.
    """
    return milliseconds.to_bytes(6) + rest


def composed_key(*parts: str) -> bytes:
    """Return the key of an identity of several parts, each of which may hold any text."""
    return digest(parts)


def digest(canonical: Any) -> bytes:
    """Return 16 bytes over the canonical form of plain values."""
    return blake2b(_canonical.encode(canonical), digest_size=16).digest()
