"""A call told by two instrumentations that know nothing of each other, counted once.

LangChain's callbacks, clients' instrumentations and SDKs that trace themselves each report the
same call; where their spans are not linked as parent and child, the response's id links them, or,
where one of them knows no id, the same tokens in the same time.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

# Of many like calls in parallel, as many that run already are looked at.
_NEAR = 64


@dataclass(frozen=True, slots=True)
class Told:
    """What a span tells of its call; `index` is its place in the request."""

    index: int
    scope: str
    start: int
    end: int
    response: str
    asked: str  # the model, of a call that failed before it used anything
    given: int
    made: int

    @property
    def amount(self) -> tuple[str, int, int]:
        """What two tellings of a call agree on."""
        return self.asked, self.given, self.made


def twins(calls: Sequence[Told]) -> list[tuple[Told, Told]]:
    """Return pairs (outer, inner) of the same call, each call at most once on either side.

    The inner one began later: it is nearer to the provider and knows more. Pairs are ordered by
    the outer's start, so that what goes from outer to inner goes on through three of them.
    """
    alike: dict[tuple[str, int, int], list[Told]] = defaultdict(list)
    for call in sorted(calls, key=lambda one: (one.start, -one.end, one.index)):
        alike[call.amount].append(call)
    pairs = [pair for group in alike.values() if len(group) > 1 for pair in _pairs(group)]
    return sorted(pairs, key=lambda pair: (pair[0].start, -pair[0].end, pair[0].index))


def _pairs(group: Sequence[Told]) -> Iterator[tuple[Told, Told]]:
    free: dict[int, Told] = {}
    for inner in group:
        before = islice(reversed(free.values()), _NEAR)
        outer = next((outer for outer in before if _same(outer, inner)), None)
        if outer is not None:
            yield outer, inner
            del free[outer.index]
        free[inner.index] = inner


def _same(outer: Told, inner: Told) -> bool:
    if outer.response and inner.response:
        return outer.response == inner.response
    return outer.scope != inner.scope and inner.end <= outer.end
