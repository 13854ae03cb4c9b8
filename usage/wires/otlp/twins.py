"""A call told by several instrumentations that know nothing of each other, counted once.

LangChain's callbacks, instrumentations of clients and SDKs that trace themselves each report the
same call. Where their spans are not linked as parent and child, the response's id links them, or,
where one of them knows no id, the same tokens in the same time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from usage.wires.names import is_unique

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
        """What tellings of a call agree on."""
        return self.asked, self.given, self.made


Pair = tuple[Told, Told]


def twins(calls: Iterable[Told]) -> list[Pair]:
    """Return pairs (outer, inner) of the same call; every outer one is told better by its inner.

    The inner one began later: it is nearer to the provider and knows more. What goes from outer to
    inner in the order of the pairs reaches the innermost.
    """
    ordered = sorted(calls, key=lambda one: (one.start, -one.end, one.index))
    pairs = _by_response(ordered)
    outer = {one.index for one, _ in pairs}
    return pairs + _by_amount([call for call in ordered if call.index not in outer])


def _by_response(ordered: Sequence[Told]) -> list[Pair]:
    """Pair by id alone: OpenLLMetry counts an output token more than a stream of Anthropic has."""
    same: dict[str, list[Told]] = defaultdict(list)
    for call in ordered:
        if is_unique(call.response):
            same[call.response].append(call)
    return [pair for group in same.values() for pair in pairwise(group)]


def _by_amount(ordered: Sequence[Told]) -> list[Pair]:
    alike: dict[tuple[str, int, int], list[Told]] = defaultdict(list)
    for call in ordered:
        if any(call.amount):
            alike[call.amount].append(call)
    several = (group for group in alike.values() if len({call.scope for call in group}) > 1)
    pairs = [pair for group in several for pair in _nested(group)]
    return sorted(pairs, key=lambda pair: (pair[0].start, -pair[0].end, pair[0].index))


def _nested(group: Sequence[Told]) -> Iterator[Pair]:
    """Pair each call with the last begun around it that has no other inside yet."""
    free: dict[int, Told] = {}
    for inner in group:
        before = islice(reversed(free.values()), _NEAR)
        outer = next((outer for outer in before if _same(outer, inner)), None)
        if outer is not None:
            yield outer, inner
            del free[outer.index]
        free[inner.index] = inner


def _same(outer: Told, inner: Told) -> bool:
    if outer.response and inner.response and outer.response != inner.response:
        return False
    return outer.scope != inner.scope and inner.end <= outer.end
