"""Share a piece of a pool out: whole minor units by largest remainder, never a cent lost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings

from billing.margin.allocation.book import Entry, book
from billing.margin.allocation.measured import Measured
from billing.margin.allocation.pieces import Piece, pieces
from billing.margin.figures import COST_DECIMALS
from billing.margin.memory import Memory
from billing.measures import GROUP, NO_PLAN, NONE, NOT_ALLOCATED, NOT_SPLIT, UNATTRIBUTED
from tknops.calendar import Period
from tknops.money import allocate
from usage import cube
from usage.revisions import Revisions

_held = Memory()


@dataclass(frozen=True, slots=True)
class Part:
    """What one target bears of a piece; without a `kind` nobody does.

    `labels` are the dimensions it is known to have, `otherwise` what it has in others.
    """

    piece: Piece
    kind: str
    target: str
    quantity: Decimal | None
    amount_minor: int
    labels: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = NOT_SPLIT


def parts_of(months: Period, revisions: Revisions) -> list[Part]:
    """Return the parts of every pool in whole months; remembered."""
    entries = book(revisions)
    if not entries:
        return []
    files = tuple(cube.cube_files(period=months))
    currency = settings.REPORTING_CURRENCY
    measured = Measured(months, files, revisions, currency)
    key = (months, files, revisions.all, currency)
    return _held.get(key, lambda: share_out(entries, months, measured))


def share_out(entries: list[Entry], months: Period, measured: Measured) -> list[Part]:
    """Share the pools out; what was taken from usage is taken off there."""
    found: list[Part] = []
    for piece in pieces(entries, months, measured):
        found += _parts(piece, measured)
        if piece.taken_from is not None:
            found.append(_taken(piece))
    return found


def forget() -> None:
    """Drop what this process remembers."""
    _held.clear()


def _parts(piece: Piece, measured: Measured) -> Iterator[Part]:
    rule = piece.rule
    driver = measured.driver(rule, piece.days) if rule else {}
    cost_class = {"cost_class": piece.pool.cost_class}
    if rule is None or not driver:
        yield Part(piece, "", NOT_ALLOCATED, None, piece.amount_minor, cost_class, NOT_ALLOCATED)
        return
    weights = [int(quantity.scaleb(COST_DECIMALS)) for quantity in driver.values()]
    amounts = allocate(piece.amount_minor, weights)
    for (target, quantity), amount in zip(driver.items(), amounts, strict=True):
        labels = {rule.target: target, **cost_class}
        yield Part(piece, rule.target, target, quantity, amount, labels)


def _taken(piece: Piece) -> Part:
    """Take it off the unattributed cost, as exactly as its filter says where that stood."""
    filters = piece.taken_from or {}
    labels = {name: keys[0] for name, keys in filters.items() if len(keys) == 1}
    labels |= {
        "customer": UNATTRIBUTED,
        GROUP: UNATTRIBUTED,
        "plan": NO_PLAN,
        "customer.": NONE,
    }
    return Part(piece, "", UNATTRIBUTED, None, -piece.amount_minor, labels)
