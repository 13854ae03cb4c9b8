"""Who may change the list of segments: held to the end of the transaction."""

from django.db import connection

_FOLDING, _COMPACTION = 0x746B6E03, 0x746B6E02


def lock_folding() -> None:
    """Wait until no other fold adds segments, so that no batch is claimed twice."""
    _execute("SELECT pg_advisory_xact_lock(%s)", _FOLDING)


def try_lock_compaction() -> bool:
    """Claim the replacing of segments; false if another transaction is at it."""
    return _execute("SELECT pg_try_advisory_xact_lock(%s)", _COMPACTION)


def lock_all() -> None:
    """Wait until nobody else adds or replaces segments."""
    lock_folding()
    _execute("SELECT pg_advisory_xact_lock(%s)", _COMPACTION)


def _execute(query: str, key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, [key])
        return (cursor.fetchone() or (None,))[0] is not False
