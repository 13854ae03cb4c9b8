"""Keys that came in a query string, where proxies and browsers log them: refused and counted."""

import datetime as dt
from urllib.parse import unquote

from django.db.models import F

from usage.keys.shape import SHAPE, digest
from usage.models import ApiKey


def note_exposed(query: str, *, now: dt.datetime) -> bool:
    """Tell whether a query string holds a key; count it on the key if it is a real one.

    A guess with another secret is refused all the same but alerts nobody.
    """
    if "tko" not in query:
        return False
    found = list(SHAPE.finditer(unquote(query)))
    for match in found:
        ApiKey.objects.filter(prefix=match[1], digest=digest(match[0])).update(
            exposed=F("exposed") + 1, exposed_at=now
        )
    return bool(found)
