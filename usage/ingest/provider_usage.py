"""Quantities of a provider's own usage object: one or more priced parts of the call."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from usage.ingest.errors import EventError
from usage.ingest.event import Event, Line
from usage.ingest.quantities import Quantities, absent, flags_of
from usage.models import UsageEvent
from usage.sources import FORMATS, MAIN_FORMATS, Adapter, Part, Reading, UsageFormatError
from usage.tokens import MAX_QUANTITY, QUANTITIES

# Numbers with a fraction or exponent are handed over as written: no float in between.
_object = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_MAX_PARTS = 100
_ZEROS = (0,) * len(QUANTITIES)
_MAX_UNITS = MAX_QUANTITY * 10**6


def provider_quantities(line: Event | Line) -> Iterator[tuple[Part, Quantities]]:
    """Yield the priced parts of a line in a provider's format, none where it has no usage.

    What contradicts itself is flagged on the first part. Raises EventError.
    """
    if absent(line.usage):
        return
    reading = _read(_adapter(line.usage_format or ""), bytes(line.usage))
    if len(reading.parts) > _MAX_PARTS:
        raise EventError("too_many_parts", "/usage")
    flags = UsageEvent.Flag.BUCKET_MISMATCH * reading.bucket_mismatch
    flags |= UsageEvent.Flag.TOTAL_MISMATCH * reading.total_mismatch
    for part in reading.parts:
        values = tuple(map(part.quantities.get, QUANTITIES, _ZEROS))
        if max(values[:-1]) > MAX_QUANTITY or values[-1] > _MAX_UNITS:
            raise EventError("out_of_range", "/usage")
        yield (
            part,
            Quantities(values, part.unit if values[-1] else "", flags | flags_of(values[:-1])),
        )
        flags = 0


def _adapter(name: str) -> Adapter:
    if name not in FORMATS:
        known = ", ".join(sorted(MAIN_FORMATS))
        detail = f"`usage_format` is not one of those accepted: {known}."
        raise EventError("unknown_usage_format", "/usage_format", detail)
    return FORMATS[name]


def _read(adapter: Adapter, raw: bytes) -> Reading:
    try:
        usage = _object.decode(raw)
    except (msgspec.MsgspecError, ValueError, ArithmeticError):
        raise EventError("wrong_type", "/usage", "`usage` is an object.") from None
    if adapter.fields and usage.keys().isdisjoint(adapter.fields):
        detail = f"`usage` has none of the figures of its format: {', '.join(adapter.fields)}."
        raise EventError("no_usage", "/usage", detail)
    try:
        return adapter.read(usage)
    except UsageFormatError as error:
        raise EventError(error.code, "/usage", str(error)) from None
