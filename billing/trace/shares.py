"""The part of a line that belongs to some of the plans its customer has at once."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from billing.margin import meaning
from billing.margin.memory import Memory
from billing.measures import NO_PLAN
from tknops.calendar import Period
from usage.cube import LedgerLine
from usage.revisions import Revisions

_held = Memory()


@dataclass(frozen=True, slots=True)
class Share:
    """A plan's stretch of a customer's cost: from one integer of `meaning.WHOLE` to another."""

    plan: str
    start: int
    end: int

    def of(self, quantity: int) -> int:
        """Return the stretch's part of a quantity, as the margin cuts it."""
        return quantity * self.end // meaning.WHOLE - quantity * self.start // meaning.WHOLE

    @property
    def whole(self) -> bool:
        """Whether it is the only plan."""
        return self.end - self.start == meaning.WHOLE


WITHOUT = Share(NO_PLAN, 0, meaning.WHOLE)
# By customer: days and the share of its cost on each of them.
Shares = Mapping[int, Sequence[tuple[dt.date, dt.date, Share]]]


class Plans:
    """Who is on which plans on some days; `shared`: somebody may be on several at once."""

    def __init__(self, days: Period, revisions: Revisions) -> None:
        """Read those of the months, or remember them, since other cells and pages ask for them."""
        key = (meaning.months_around(days), meaning.billed(revisions))
        self._found: Shares = _held.get(
            key, lambda: _by_customer(meaning.plans_around(days, revisions))
        )
        self.shared = meaning.has_shares(days, revisions)

    def of(self, customer: int | None, day: dt.date) -> list[Share]:
        """Return the shares of a customer's plans on a day."""
        rows = self._found.get(customer or 0, [])
        return [share for start, end, share in rows if start <= day < end] or [WITHOUT]


def _by_customer(table: pa.Table) -> Shares:
    found: dict[int, list[tuple[dt.date, dt.date, Share]]] = {}
    for row in table.to_pylist():
        share = Share(row["plan"], row["from_share"], row["to_share"])
        found.setdefault(row["customer_id"], []).append((row["start"], row["end"], share))
    return found


def part_of(line: LedgerLine, name: str, shares: Sequence[Share]) -> int:
    """Cut one count of a line over these shares.

    Lines under one key of the cube are cut together: each gets the difference of the parts up to
    it and before it, so that all parts of all lines sum to what the margin gives the plans. A
    part may so be one off what the line alone would give.
    """
    before, after = line.before[name], line.before[name] + line.counted[name]
    return sum(
        line.counted[name] if share.whole else share.of(after) - share.of(before)
        for share in shares
    )


def takes_stated(shares: Sequence[Share]) -> bool:
    """Tell whether the stated cost goes to one of these: it goes whole to the first with a part."""
    return any(share.start == 0 and share.end > 0 for share in shares)
