"""The contract of an adapter: a provider's usage object → priced parts, disjoint and exact."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

# JSON as decoded: integers are int, every other number is Decimal; a float never occurs.
Json = Mapping[str, Any]


class Part(NamedTuple):
    """One priced part of a call: canonical class → count, `units` in millionths of `unit`.

    None means that the payload does not say, so the event's own field stands; a text, even '',
    is what the provider says it used and wins over the event's field.
    """

    quantities: Mapping[str, int]
    unit: str = ""
    provider: str | None = None
    model: str | None = None
    service_tier: str | None = None
    region: str | None = None


class Reading(NamedTuple):
    """The parts of a call (a stated cost goes to the first) and what contradicts itself."""

    parts: Sequence[Part]
    bucket_mismatch: bool = False
    total_mismatch: bool = False


@dataclass(frozen=True, slots=True)
class Adapter:
    """One usage format: how to read it, and what its figures include.

    `read` is pure, raises UsageFormatError where a figure is none, and never looks at a field
    that may hold content. `fields` are the figures of which one at least must be present
    (empty: no such check), so that the usage of another format is never taken for zero.
    """

    read: Callable[[Json], Reading]
    input_includes_cache_read: bool
    input_includes_cache_write: bool
    output_includes_reasoning: bool
    fields: tuple[str, ...] = ()
