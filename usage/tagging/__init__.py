"""What tags mean: keys named, ignored, values read as others; what was sent is never changed."""

from usage.tagging.alias import alias_values, remove_alias, spelt_alike
from usage.tagging.coverage import KeyUse, Overflow, key_use, overflow
from usage.tagging.name import ignore_key, name_key, offer_key

__all__ = [
    "KeyUse",
    "Overflow",
    "alias_values",
    "ignore_key",
    "key_use",
    "name_key",
    "offer_key",
    "overflow",
    "remove_alias",
    "spelt_alike",
]
