"""Quantities of a line in canonical classes, checked and exact."""

from typing import NamedTuple

import msgspec

from usage.ingest.diagnose import diagnose_usage
from usage.ingest.errors import EventError
from usage.ingest.event import Event, Line, Usage
from usage.ingest.stated import decimal
from usage.models import UsageEvent
from usage.sources.reading import in_millionths
from usage.tokens import (
    MAX_QUANTITY,
    QUANTITIES,
    REASONING,
    SUSPICIOUS_QUANTITY,
    TOKENS,
    UNIT_NAMES,
    UNITS,
)

_usage = msgspec.json.Decoder(Usage)
# The counts come first in a Usage, in the order of QUANTITIES.
_COUNTS = QUANTITIES.index(UNITS)
_OUTPUT, _REASONING = QUANTITIES.index("output_tokens"), QUANTITIES.index(REASONING)
_ABSENT = frozenset((b"", b"null"))


class Quantities(NamedTuple):
    """Integers in the order of usage.tokens.QUANTITIES, the unit and the flags found."""

    values: tuple[int, ...]
    unit: str
    flags: int


def absent(usage: msgspec.Raw) -> bool:
    """Tell whether no usage was sent, or null."""
    return bytes(usage) in _ABSENT


def quantities(line: Event | Line) -> Quantities | None:
    """Check a usage in canonical classes; None where there is none. Raises EventError."""
    raw = bytes(line.usage)
    if raw in _ABSENT:
        return None
    try:
        usage = _usage.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise diagnose_usage(raw) from None
    values = (
        *msgspec.structs.astuple(usage)[:_COUNTS],
        _units(usage) if usage.unit or bytes(usage.units) else 0,
    )
    flags = flags_of(values)
    if usage.total_tokens is not None and usage.total_tokens != sum(values[: len(TOKENS)]):
        flags |= UsageEvent.Flag.TOTAL_MISMATCH
    return Quantities(values, usage.unit if values[-1] else "", flags)


def flags_of(values: tuple[int, ...]) -> int:
    """Return what is odd about the figures themselves."""
    flags = 0
    if max(values[:-1]) > SUSPICIOUS_QUANTITY:
        flags |= UsageEvent.Flag.SUSPICIOUS
    if values[_REASONING] > values[_OUTPUT]:
        flags |= UsageEvent.Flag.BUCKET_MISMATCH
    return flags


def _units(usage: Usage) -> int:
    """Read units in millionths, exactly."""
    if bytes(usage.units) in _ABSENT:
        return 0
    if usage.unit not in UNIT_NAMES:
        detail = f"`unit` is not one of those accepted: {', '.join(UNIT_NAMES)}."
        raise EventError("unknown_unit", "/usage/unit", detail)
    number = decimal(usage.units, "/usage/units")
    if number < 0:
        raise EventError("negative_tokens", "/usage/units")
    if number > MAX_QUANTITY:
        raise EventError("out_of_range", "/usage/units")
    millionths = in_millionths(number)
    if millionths is None:
        raise EventError("too_many_decimals", "/usage/units", "`units` has at most 6 decimals.")
    return millionths
