"""A call counted once: a span whose descendant is the same call too only repeats it."""

from collections.abc import Collection, Iterator, Mapping, MutableMapping

Place = tuple[bytes, bytes]
# As many instrumentations may stand around one call.
_AROUND = 4


def repeated(candidates: Collection[Place], parents: Mapping[Place, bytes]) -> set[Place]:
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


def around(
    place: Place,
    parents: Mapping[Place, bytes],
    among: Collection[Place],
    known: MutableMapping[Place, Place | None],
) -> Iterator[Place]:
    """Yield the spans around a span that are `among` these, the nearest first.

    `known` remembers between calls what stands around a span, so that none is walked twice.
    """
    for _ in range(_AROUND):
        found = _nearest(place, parents, among, known)
        if found is None:
            return
        yield found
        place = found


def _nearest(
    place: Place,
    parents: Mapping[Place, bytes],
    among: Collection[Place],
    known: MutableMapping[Place, Place | None],
) -> Place | None:
    path: list[Place] = []
    found = None
    while place not in known:
        known[place] = None
        path.append(place)
        above = parents.get(place)
        if not above:
            break
        place = (place[0], above)
        if place in among:
            found = place
            break
    else:
        found = known[place]
    known.update(dict.fromkeys(path, found))
    return found
