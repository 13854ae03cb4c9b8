"""What the provider counted, per call it answered."""

import random
from dataclasses import dataclass

_draw = random.Random(20260921)


@dataclass(frozen=True, slots=True)
class Counts:
    """Disjoint tokens of a call; `reasoning` lies inside `output`."""

    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0

    @property
    def given(self) -> int:
        """All input, as most providers count it."""
        return (
            self.input_tokens
            + self.cache_read_tokens
            + self.cache_write_tokens
            + self.cache_write_1h_tokens
        )


@dataclass(frozen=True, slots=True)
class Call:
    """One answered request: its case, what was asked, and what it is billed for."""

    case: str
    provider: str
    asked: str  # the model's name in the request
    model: str  # the model that answered
    counts: Counts
    failed: bool = False
    told: bool = True  # whether the answer states its usage at all


def draw(case: str, *, provider: str, embeds: bool) -> Counts:
    """Make counts no other call has, with a cache only where the case is named so."""

    def some(*kinds: str) -> int:
        return _draw.randint(1_000, 9_999) if any(kind in case for kind in kinds) else 0

    if embeds:
        return Counts(input_tokens=_draw.randint(1_000, 9_999))
    output = _draw.randint(2_000, 9_999)
    return Counts(
        input_tokens=_draw.randint(10_000, 29_999),
        cache_read_tokens=some("cached"),
        cache_write_tokens=some("written"),
        cache_write_1h_tokens=some("hour") if provider == "anthropic" else 0,
        output_tokens=output,
        reasoning_tokens=_draw.randint(100, output - 1) if "thinking" in case else 0,
    )
