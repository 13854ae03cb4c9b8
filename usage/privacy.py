"""What is never stored as sent: end users that are contact data, tag values that are secrets."""

import hashlib
import hmac
import re
from functools import lru_cache

from django.conf import settings

REDACTED = "(redacted)"
PII, ALL, OFF = "pii", "all", "off"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# International with + or 00, or the North American grouping; bare digits are an id.
_PHONE = re.compile(r"(?:\+|00)\d[\d ().-]{6,20}|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}")
_SECRET = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}|tko_[a-z0-9]{8}_[a-z0-9]{32}|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|AIza[A-Za-z0-9_-]{30,}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-[A-Za-z0-9-]{10,}"
)
# Lengths and first digits of the issuers in use, so that few long ids are taken for cards.
_CARD = re.compile(
    r"(?:4\d{15}|4\d{12}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5\d\d)\d{12}|35\d{14})"
)
_CARD_TEXT = re.compile(r"[\d -]{13,23}")
_HASHED = re.compile(r"h_[0-9a-f]{32}")


def is_contact(text: str) -> bool:
    """Tell whether a reference has the shape of an e-mail address or a phone number."""
    return bool(_EMAIL.fullmatch(text) or _PHONE.fullmatch(text))


def stored_user(reference: str) -> str:
    """Return an end user's reference as it may be stored, by the setting HASH_END_USERS."""
    return _stored_user(reference, settings.HASH_END_USERS, settings.END_USER_HASH_KEY)


@lru_cache(maxsize=65_536)
def _stored_user(reference: str, mode: str, key: str) -> str:
    """Replace it by `h_` and 128 bits of HMAC-SHA256: the same person stays the same."""
    if not reference or mode == OFF or _HASHED.fullmatch(reference):
        return reference
    if mode == PII and not is_contact(reference.strip()):
        return reference
    mac = hmac.new(key.encode(), reference.strip().lower().encode(), hashlib.sha256)
    return f"h_{mac.hexdigest()[:32]}"


@lru_cache(maxsize=65_536)
def is_secret(text: str) -> bool:
    """Tell whether a text holds what looks like a key or a payment card number."""
    if _SECRET.search(text):
        return True
    if not _CARD_TEXT.fullmatch(text):
        return False
    digits = text.replace(" ", "").replace("-", "")
    return bool(_CARD.fullmatch(digits)) and _luhn(digits)


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, the digit sums end in 0."""
    doubled = [int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits))]
    return sum(n - 9 * (n > 9) for n in doubled) % 10 == 0
