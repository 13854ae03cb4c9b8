"""API keys: tko_<8 public>_<32 secret>, stored as SHA-256, shown once, bound to a source."""

from usage.keys.check import check_key
from usage.keys.create import LIVE_AT_ONCE, KeyNotCreatedError, create_key, revoke_key
from usage.keys.exposure import note_exposed
from usage.keys.named import UnknownKeyError, key_names, names_of
from usage.keys.shape import KeyRefusedError

__all__ = [
    "LIVE_AT_ONCE",
    "KeyNotCreatedError",
    "KeyRefusedError",
    "UnknownKeyError",
    "check_key",
    "create_key",
    "key_names",
    "names_of",
    "note_exposed",
    "revoke_key",
]
