"""Dimensions whose label is the same for all that is asked, so that nobody needs to be asked."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from billing.margin.query import Question
from billing.measures import CHARGE_CLASS
from tknops.calendar import GRAINS, grain_key

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A question without those dimensions; `placed` puts their labels back into a key."""

    question: Question
    by: tuple[str, ...]
    labels: Mapping[str, str]

    def placed(self, key: Key) -> Key:
        """Lay a key of the shorter question out as the whole question asks."""
        if len(self.question.by) == len(self.by):
            return key
        others = iter(key)
        return tuple(self.labels[n] if n in self.labels else next(others) for n in self.by)


def fixed(question: Question, labels: Mapping[str, str]) -> Fixed | None:
    """Leave out the dimensions of which the label is known; None if a filter refuses it."""
    for name, accepted in question.filters.items():
        if name in labels and labels[name] not in accepted:
            return None
    asked = replace(
        question,
        by=tuple(name for name in question.by if name not in labels),
        filters={name: keys for name, keys in question.filters.items() if name not in labels},
    )
    return Fixed(asked, tuple(question.by), labels)


def dated(charge_class: str, day: dt.date) -> dict[str, str]:
    """Return the labels of what is of one class and stands on one day."""
    return {CHARGE_CLASS: charge_class, **{grain: grain_key(grain, day) for grain in GRAINS}}
