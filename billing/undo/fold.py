"""Changes of one kind by one person on one day stand together: a set-up is a line, not a page."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from billing.undo.log import MODELS, WORDS, Change

# Fewer than so many in a row are read faster one by one.
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Fold:
    """Changes one after the other, the newest first; or one unlike its neighbours."""

    changes: list[Change]

    @property
    def first(self) -> Change:
        """The newest of them."""
        return self.changes[0]

    @property
    def said(self) -> str:
        """Say how many rows were changed how."""
        counted = Counter(
            (item.kind, item.entry.pgh_label) for change in self.changes for item in change.items
        )
        return ", ".join(
            f"{count:,} {_named(kind, count)} {WORDS[label]}"
            for (kind, label), count in counted.items()
        )


def folded(changes: Iterable[Change]) -> list[Fold]:
    """Put changes of one day, person and kind together where enough follow each other."""
    found = []
    for _, some in groupby(changes, _alike):
        together = list(some)
        found += [Fold(together)] if len(together) >= _LEAST else [Fold([one]) for one in together]
    return found


def _named(kind: str, count: int) -> str:
    about = MODELS[kind]._meta
    return str(about.verbose_name if count == 1 else about.verbose_name_plural)


def _alike(change: Change) -> object:
    kinds = {(item.kind, item.entry.pgh_label) for item in change.items}
    return (change.at.date(), change.user, frozenset(kinds))
