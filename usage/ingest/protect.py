"""Before anything is stored: end users by the setting, secrets in tags, and what to alert about."""

from usage.ingest.decoded import Decoded
from usage.ingest.event import Event
from usage.models import BatchAlert
from usage.privacy import REDACTED, is_contact, is_secret, stored_user


def protect(decoded: Decoded) -> None:
    """Replace in the events what may not be stored as sent; count it in the alerts."""
    users: dict[str, str] = {}
    for _, event in decoded.events:
        if event.user:
            if event.user not in users:
                users[event.user] = stored_user(event.user)
            event.user = users[event.user]
        if event.tags and _redact(event):
            decoded.alert(BatchAlert.Code.SECRET)
        if event.customer and ("@" in event.customer or event.customer[:1] in "+0("):
            decoded.alert(BatchAlert.Code.PERSONAL, int(is_contact(event.customer)))
    decoded.alert(BatchAlert.Code.CONTENT, decoded.content)


def _redact(event: Event) -> bool:
    secret = [key for key, value in (event.tags or {}).items() if is_secret(value)]
    if secret:
        event.tags = {**(event.tags or {}), **dict.fromkeys(secret, REDACTED)}
    return bool(secret)
