"""The names a model of the catalogue goes by, beyond its id: only those that mean it exactly."""

import re
from collections.abc import Iterable, Iterator

from genai_prices.types import ClauseEquals, ClauseOr

# Bedrock's ids end in a version of the packaging that newer ones leave out.
_PACKAGING = re.compile(r"(?P<short>.+?)(?P<number>-v\d+)(?::\d+)?")


def exact_names(clause: object, *, short: Iterable[str]) -> Iterator[str]:
    """Yield names matched exactly; prefixes and patterns are suggestions, never booked."""
    yield from short
    if isinstance(clause, ClauseEquals):
        yield clause.equals.lower()
    elif isinstance(clause, ClauseOr):
        for part in clause.or_:
            yield from exact_names(part, short=())


def short_names(provider: str, model: str) -> Iterator[str]:
    """Yield a Bedrock model's id without its version, in the spellings AWS uses."""
    if provider == "aws" and (found := _PACKAGING.fullmatch(model)):
        yield found["short"]
        yield found["short"] + found["number"]
