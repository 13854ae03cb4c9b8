"""Which rows and columns are shown, in which order, and what stands under "others"."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from billing.explorer.cells import NO_COUNTERPART, Key, Raw, Side
from billing.explorer.figures import OFFERED
from billing.explorer.question import Exploration
from billing.reports.rows import SPECIAL
from tknops.calendar import GRAINS, grain_key

COLUMNS = 12
NOT_RANKED = "(not ranked)"
LAST = SPECIAL | {NO_COUNTERPART}


@dataclass(frozen=True, slots=True)
class Line:
    """A row or column shown: one key, or the `others`, so many keys together."""

    key: Key
    others: int = 0
    stays_last: bool = False


Placed = dict[Key, Line]


def lines(asked: Exploration, now: Side, before: Side | None) -> tuple[list[Line], Placed]:
    """Rank the rows, largest first; return them and where each key stands."""
    names, _ = asked.axes
    raws = _raws(now, before)
    keys = {row for row, _ in raws}
    if not names:
        return [Line(())], {(): Line(())}
    whole = len(names) == 1 and names[0] in GRAINS
    keys |= {(key,) for key in _buckets(asked, names[0])} if whole else set()
    by_key: dict[Key, list[Raw]] = defaultdict(list)
    for raw in raws:
        for depth in range(1, len(raw[0]) + 1):
            by_key[raw[0][:depth]].append(raw)
    return _placed(asked, names, keys, by_key, now, 0 if whole else asked.top)


def columns(asked: Exploration, now: Side, before: Side | None) -> tuple[list[Line], Placed]:
    """Rank the columns, time in its order; none if there is no column dimension."""
    _, name = asked.axes
    if not name:
        return [], {("",): Line(())}
    raws = _raws(now, before)
    keys: set[Key] = {(column,) for _, column in raws}
    keys |= {(key,) for key in _buckets(asked, name)}
    by_key: dict[Key, list[Raw]] = defaultdict(list)
    for raw in raws:
        by_key[raw[1],].append(raw)
    limit = 0 if asked.wide or name in GRAINS else COLUMNS
    return _placed(asked, (name,), keys, by_key, now, limit)


def _raws(now: Side, before: Side | None) -> set[Raw]:
    return now.rows.keys() | (before.rows.keys() if before else set())


def _buckets(asked: Exploration, grain: str) -> Iterable[str]:
    """Every day, week … of the period, with usage or without."""
    if grain not in GRAINS:
        return []
    found = [grain_key(grain, part.start) for part in asked.span.period.cut(grain)]
    accepted = asked.filters.get(grain)
    return [key for key in found if accepted is None or key in accepted]


def _placed(
    asked: Exploration,
    names: Sequence[str],
    keys: set[Key],
    by_key: dict[Key, list[Raw]],
    now: Side,
    limit: int,
) -> tuple[list[Line], Placed]:
    first = OFFERED[asked.measures[0]]
    ranks: dict[Key, Any] = {}

    def rank(key: Key) -> list[tuple[bool, bool, Any, str]]:
        levels = []
        for depth, name in enumerate(names, start=1):
            part = key[:depth]
            if part not in ranks:
                timely = name in GRAINS
                value = 0 if timely else first.value(now.figures(by_key.get(part, [])))
                unknown = value is None
                ranks[part] = (part[-1] in LAST, unknown, 0 if unknown else -value, part[-1])
            levels.append(ranks[part])
        return levels

    ordered = sorted(keys, key=rank)
    shown: list[Line] = []
    placed: Placed = {}
    for stays_last in (False, True):
        some = [key for key in ordered if (key[0] in LAST) is stays_last]
        kept = some[:limit] if limit else some
        for key in kept:
            placed[key] = Line(key, stays_last=stays_last)
        shown += [placed[key] for key in kept]
        if rest := some[len(kept) :]:
            # The key of the tail's others differs, so that two lines never become one.
            others = Line((NOT_RANKED if stays_last else "",), len(rest), stays_last=True)
            placed |= dict.fromkeys(rest, others)
            shown.append(others)
    return shown, placed
