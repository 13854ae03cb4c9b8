"""Read the instant of an event: RFC 3339 with an offset, to the microsecond."""

import datetime as dt
import re

from usage.ingest.errors import EventError

AHEAD = dt.timedelta(minutes=10)
_SHAPE = re.compile(
    r"(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:)(\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})?"
)
_MICROSECOND_DIGITS = 6
# The usual shape, YYYY-MM-DDTHH:MM:SS.ffffffZ or with nanoseconds: its separators, every third
# place, and its lengths.
_USUAL, _USUAL_LENGTHS, _TO_MICROSECONDS = "--T::.", (27, 30), 26


def parse_moment(
    text: str, *, latest: dt.datetime, oldest: dt.datetime
) -> tuple[dt.datetime, bool]:
    """Return the instant in UTC, and whether the text says more than microseconds can.

    A leap second is the last microsecond of its minute. Raises EventError.
    """
    parsed, finer = _usual(text) or _any(text)
    if parsed > latest:
        raise EventError("timestamp_in_future", "/time")
    if parsed < oldest:
        raise EventError("timestamp_too_old", "/time")
    return parsed, finer


def _usual(text: str) -> tuple[dt.datetime, bool] | None:
    """Read the usual shape without a regular expression; None for every other text."""
    if len(text) not in _USUAL_LENGTHS or text[4:20:3] != _USUAL or text[-1] != "Z":
        return None
    rest = text[_TO_MICROSECONDS:-1]
    if rest and not (rest.isascii() and rest.isdigit()):
        return None
    try:
        return dt.datetime.fromisoformat(text), rest > "000"
    except ValueError:
        return None


def _any(text: str) -> tuple[dt.datetime, bool]:
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise EventError("timestamp_format" if text.strip() else "timestamp_missing", "/time")
    minute, second, fraction, offset = match.groups()
    if offset is None:
        raise EventError("timestamp_no_offset", "/time")
    fraction = fraction or ""
    if second == "60":
        second, fraction = "59", "999999"
    digits = fraction[:_MICROSECOND_DIGITS]
    try:
        parsed = dt.datetime.fromisoformat(
            f"{minute}{second}.{digits or '0':0<6}{'+00:00' if offset in 'Zz' else offset}"
        ).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise EventError("timestamp_format", "/time") from None
    return parsed, len(fraction.rstrip("0")) > _MICROSECOND_DIGITS
