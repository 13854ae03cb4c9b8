"""Ledger rows in PostgreSQL's binary COPY format, packed by one struct.

Format: postgresql.org, COPY, "Binary Format": per row a field count, then per field a length
(-1 = NULL) and its bytes. Timestamps are microseconds since 2000-01-01.
"""

import datetime as dt
import struct
from decimal import Decimal

from psycopg.types.numeric import DecimalBinaryDumper

from usage.ingest.normalise import NormalEvent, PricedLine
from usage.tokens import QUANTITIES

COLUMNS = (
    "key", "source_id", "line", "batch_id", "context_id", "occurred_at", "fingerprint", "flags",
    *QUANTITIES, "time_text", "stated_cost", "stated_currency",
)  # fmt: skip
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
# A length before each quantity: the values go between.
_QUANTITIES = [8, 0] * len(QUANTITIES)
_NULL = b"\xff\xff\xff\xff"
_FIXED = struct.Struct(
    "!h" + "i16s" + "iq" + "ih" + "iq" + "ii" + "iq" + "i16s" + "ih" + "iq" * len(QUANTITIES)
)
_dump_decimal = DecimalBinaryDumper(Decimal).dump


def pack(
    event: NormalEvent,
    line: PricedLine,
    number: int,
    source_id: int,
    batch_id: int,
    context: int,
) -> bytes:
    """Pack one line of an event."""
    quantities = _QUANTITIES.copy()
    quantities[1::2] = line.quantities.values
    fixed = _FIXED.pack(
        len(COLUMNS),
        16, event.key,
        8, source_id,
        2, number,
        8, batch_id,
        4, context,
        8, (event.occurred_at - _EPOCH) // _MICROSECOND,
        16, event.fingerprint,
        2, line.quantities.flags,
        *quantities,
    )  # fmt: skip
    if event.time_text is None and line.stated is None:
        return fixed + _NULL * 3
    return fixed + _text(event.time_text) + _stated(line.stated)


def _text(text: str | None) -> bytes:
    if text is None:
        return _NULL
    raw = text.encode()
    return struct.pack("!i", len(raw)) + raw


def _stated(stated: tuple[Decimal, str] | None) -> bytes:
    if stated is None:
        return _NULL * 2
    amount = bytes(_dump_decimal(stated[0]) or b"")
    return struct.pack("!i", len(amount)) + amount + _text(stated[1])
