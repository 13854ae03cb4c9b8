"""Acknowledged = durable: a ledger that may forget what it committed must not acknowledge."""

from typing import Any
from weakref import WeakSet

from django.conf import settings
from django.db import OperationalError, connection

# Under any of these a commit may be lost when the power goes off.
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
# Connections found durable: each is asked once, and renewed every minute.
_trusted: WeakSet[Any] = WeakSet()


def not_durable() -> list[str]:
    """Name the settings under which the database may lose a commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name",
            [list(_FORGETFUL)],
        )
        return [name for name, setting in cursor.fetchall() if setting == _FORGETFUL[name]]


def require_durable() -> None:
    """Refuse to go on where a commit may be lost. Raises OperationalError."""
    if not settings.REQUIRE_DURABLE or connection.connection in _trusted:
        return
    if wrong := not_durable():
        message = f"the database is not durable: {', '.join(wrong)}"
        raise OperationalError(message)
    _trusted.add(connection.connection)
