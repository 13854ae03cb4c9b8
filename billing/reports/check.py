"""A statement about the data with its state and the way to mend it."""

import enum
from dataclasses import dataclass
from decimal import Decimal


class State(enum.StrEnum):
    """How a check stands, in a word and a sign."""

    OK = "ok"
    ATTENTION = "attention"
    PROBLEM = "problem"

    @property
    def sign(self) -> str:
        """A sign beside the word, so that colour never stands alone."""
        return {"ok": "✓", "attention": "⚠", "problem": "✕"}[self.value]


@dataclass(frozen=True, slots=True)
class Check:
    """One statement; `permission` is what its link needs."""

    title: str
    state: State
    sentence: str
    action: str = ""
    link: str = ""
    permission: str = "usage.view_usagebatch"


def by_size(value: Decimal | int, *, attention: int, problem: int) -> State:
    """Judge a value by the limits it goes beyond."""
    if value > problem:
        return State.PROBLEM
    return State.ATTENTION if value > attention else State.OK
