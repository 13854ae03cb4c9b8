"""A call counted once: a span whose descendant carries usage too only repeats it."""

from collections.abc import Mapping, Sequence

Place = tuple[bytes, bytes]


def repeated(candidates: Sequence[Place], parents: Mapping[Place, bytes]) -> set[Place]:
    """Return the candidates (trace, span) that have another candidate among their descendants.

    `parents` has every span of the request, so that spans in between that are no calls count.
    """
    wanted = set(candidates)
    found: set[Place] = set()
    walked: set[Place] = set()
    for trace, span in candidates:
        above = parents.get((trace, span))
        while above and (trace, above) not in walked:
            place = (trace, above)
            walked.add(place)
            if place in wanted:
                found.add(place)
            above = parents.get(place)
    return found
