"""What pages say of closed months: that they read them as of now, or never closed them."""

import datetime as dt
from collections.abc import Sequence

from billing.closing import closed_within
from billing.pages.strip import Part
from tknops.calendar import Period


def as_of_now(shown: Period, what: str) -> list[Part]:
    """Say that a page reads closed months by today's records, and where what was posted is."""
    closed = closed_within(shown)
    if not closed:
        return []
    text = f"{span(closed)} closed: {what} here as of now; what was posted stays in the journal"
    return [Part(text, f"journal?month={closed[-1]:%Y-%m}")]


def span(months: Sequence[dt.date]) -> str:
    """Name months in order as the beginning of a sentence, with its verb."""
    first, last = months[0], months[-1]
    if first == last:
        return f"{first:%B %Y} is"
    return f"{first:%B %Y} to {last:%B %Y} are"
