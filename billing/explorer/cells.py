"""Ask the margin once per period and put its rows into cells, totals and others."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from billing.explorer.figures import EARNING, OFFERED, Figures
from billing.explorer.question import Exploration
from billing.margin import MarginReport, MarginRow, combined, margin
from billing.measures import NONE
from tknops.calendar import GRAINS, Period, grain_key

# Days, weeks … of the period compared with that this one has no counterpart of.
NO_COUNTERPART = "(no counterpart)"
Key = tuple[str, ...]
# (key of the row, key of the column); where there is no column its key is ''.
Raw = tuple[Key, str]
Place = TypeVar("Place", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Side:
    """The rows of one period by raw place, and per place what each end user's calls cost."""

    report: MarginReport
    rows: dict[Raw, list[MarginRow]]
    users: dict[Raw, dict[str, Decimal | None]] = field(default_factory=dict)
    counts_users: bool = False

    def total(self) -> Figures:
        """Put everything together; the row is the report's own total."""
        return self._with_users(self.report.total, list(self.users))

    def figures(self, raws: list[Raw], *, earns: bool = True) -> Figures:
        """Put some places together; none at all is 0, revenue only where it `earns`."""
        rows = [row for raw in raws for row in self.rows.get(raw, ())]
        known = earns and self.report.total.revenue is not None
        return self._with_users(combined(rows, shared=known), raws)

    def _with_users(self, row: MarginRow, raws: list[Raw]) -> Figures:
        if not self.counts_users:
            return Figures(row)
        users: set[str] = set()
        costs: list[Decimal] = []
        for raw in raws:
            for user, cost in self.users.get(raw, {}).items():
                users.add(user)
                costs += [cost] if cost is not None else []
        return Figures(row, frozenset(users), sum(costs, Decimal(0)) if costs else None)


def ask(asked: Exploration) -> Side:
    """Ask for the period itself."""
    return _side(asked, asked.span.period, {})


def ask_before(asked: Exploration) -> Side | None:
    """Ask for the period compared with; its days, months … stand where their counterparts do."""
    before = asked.before
    if before is None:
        return None
    grains = [name for name in asked.by if name in GRAINS]
    moved = {grain: _counterparts(grain, before, asked.span.period) for grain in grains}
    return _side(asked, before, moved)


def _counterparts(grain: str, before: Period, now: Period) -> dict[str, str]:
    """Map the first bucket to the first, and so on."""
    keys = [grain_key(grain, part.start) for part in now.cut(grain)]
    found = {}
    for index, part in enumerate(before.cut(grain)):
        key = keys[index] if index < len(keys) else NO_COUNTERPART
        found[grain_key(grain, part.start)] = key
    return found


def _side(asked: Exploration, period: Period, moved: Mapping[str, Mapping[str, str]]) -> Side:
    report = _margin(asked, asked.by, period)
    rows: dict[Raw, list[MarginRow]] = defaultdict(list)
    earning = not EARNING.isdisjoint(asked.measures)
    for row in report.rows:
        if earning or row.events or row.cost is not None:
            rows[_raw(asked, row.key, moved)].append(row)
    counts = any(OFFERED[name].needs_users for name in asked.measures)
    users = _users(asked, period, moved) if counts else {}
    return Side(report, dict(rows), users, counts)


def _margin(asked: Exploration, by: Sequence[str], period: Period) -> MarginReport:
    return margin(
        by=by,
        period=period,
        filters=asked.filters,
        basis=asked.basis,
        attributes_on=asked.attributes_on,
    )


def _users(
    asked: Exploration, period: Period, moved: Mapping[str, Mapping[str, str]]
) -> dict[Raw, dict[str, Decimal | None]]:
    report = _margin(asked, (*asked.by, "end_user"), period)
    place = report.by.index("end_user")
    found: dict[Raw, dict[str, Decimal | None]] = defaultdict(dict)
    for row in report.rows:
        user = row.key[place]
        if row.events and user != NONE:
            costs = found[_raw(asked, row.key[: len(asked.by)], moved)]
            had = costs.get(user)
            known = row.cost if had is None else had + (row.cost or 0)
            costs[user] = known
    return dict(found)


def _raw(asked: Exploration, key: Key, moved: Mapping[str, Mapping[str, str]]) -> Raw:
    shown = tuple(
        moved[name].get(text, text) if name in moved else text
        for name, text in zip(asked.by, key, strict=True)
    )
    _, column = asked.axes
    return (shown[:-1], shown[-1]) if column else (shown, "")
