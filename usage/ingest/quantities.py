"""Quantities of a line in canonical classes, checked and exact."""

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
_NOT_SENT = msgspec.Raw()
_astuple = msgspec.structs.astuple


class Quantities(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Integers in the order of usage.tokens.QUANTITIES, the unit and the flags found."""

    values: tuple[int, ...]
    unit: str
    flags: int


def absent(usage: msgspec.Raw) -> bool:
    """Tell whether no usage was sent, or null."""
    return bytes(usage) in _ABSENT


def quantities(line: Event | Line) -> Quantities | None:
    """Check a usage in canonical classes; None where there is none. Raises EventError."""
    try:
        usage = _usage.decode(line.usage)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        if absent(line.usage):
            return None
        raise diagnose_usage(bytes(line.usage)) from None
    found = _astuple(usage)
    counts, units, unit, total = found[:_COUNTS], *found[_COUNTS:]
    flags = flags_of(counts)
    if total is not None and total != sum(counts[: len(TOKENS)]):
        flags |= UsageEvent.Flag.TOTAL_MISMATCH
    if not unit and units == _NOT_SENT:
        return Quantities((*counts, 0), "", flags)
    millionths = _units(usage)
    return Quantities((*counts, millionths), unit if millionths else "", flags)


def flags_of(counts: tuple[int, ...]) -> int:
    """Return what is odd about the counts themselves, given without the units."""
    flags = 0
    if max(counts) > SUSPICIOUS_QUANTITY:
        flags |= UsageEvent.Flag.SUSPICIOUS
    if counts[_REASONING] > counts[_OUTPUT]:
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
