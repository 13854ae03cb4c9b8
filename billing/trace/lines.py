"""Lines of the ledger with all that makes their cost: meaning, plans, prices, money per class."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from billing.trace.book import Book, price_name
from billing.trace.meant import Meant
from billing.trace.shares import Share, part_of, takes_stated
from usage.cube import LedgerLine
from usage.models import Attribution, Context, Price, PriceAdjustment
from usage.pricing import PriceRow
from usage.tokens import PRICED, REASONING, TOKENS, UNITS


@dataclass(frozen=True, slots=True)
class Part:
    """A priced quantity of a line: what of it is in the cell, its price, its cost.

    `per_million` and `cost` are None where there is no price; `reason` says why.
    """

    name: str
    quantity: int
    per_million: Decimal | None
    prices: tuple[Price | PriceAdjustment, ...]
    cost: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class TracedLine:
    """A line, or the part of it that its customer's plans leave in the cell.

    `shares` is empty where no plan was asked for: then the whole line is meant.
    """

    line: LedgerLine
    context: Context
    attribution: Attribution | None
    shares: tuple[Share, ...]
    events: int
    lines: int
    parts: tuple[Part, ...]
    reasoning: int
    stated_cost: Decimal | None

    @property
    def cost(self) -> Decimal | None:
        """The sum of what is priced; None where nothing is and something should be."""
        known = [part.cost for part in self.parts if part.cost is not None]
        return sum(known, Decimal(0)) if known or not self.parts else None

    @property
    def unpriced_events(self) -> int:
        """The line, where any of its quantities has no price."""
        unpriced = any(part.cost is None for part in self.parts)
        return self.lines if unpriced else 0

    @property
    def unpriced_tokens(self) -> int:
        """Its tokens without a price."""
        unpriced = (part for part in self.parts if part.cost is None and part.name in TOKENS)
        return sum(part.quantity for part in unpriced)


def traced(lines: Sequence[LedgerLine], meant: Meant, book: Book) -> list[TracedLine]:
    """Put lines together with what they mean and cost."""
    rows = [book.row(meant.context(line), line.day, line.band, line.window) for line in lines]
    return [_traced(line, row, meant, book) for line, row in zip(lines, rows, strict=True)]


def _traced(line: LedgerLine, row: PriceRow | None, meant: Meant, book: Book) -> TracedLine:
    context, shares = meant.context(line), meant.shares(line)

    def part(name: str) -> int:
        return part_of(line, name, shares) if shares else line.counted[name]

    stated = line.stated_cost if line.stated_currency == settings.REPORTING_CURRENCY else None
    return TracedLine(
        line=line,
        context=context,
        attribution=meant.attribution(line),
        shares=shares,
        events=part("events"),
        lines=part("lines"),
        # What the line has none of is not listed; a plan's part of the rest may well be 0.
        parts=tuple(
            _part(name, part(name), context, row, book) for name in PRICED if line.counted[name]
        ),
        reasoning=part(REASONING),
        stated_cost=stated if not shares or takes_stated(shares) else None,
    )


def _part(name: str, quantity: int, context: Context, row: PriceRow | None, book: Book) -> Part:
    known, priced = {**row.tokens, **row.units} if row else {}, price_name(name, context)
    per_million = known.get(priced)
    if row is None or per_million is None:
        return Part(name, quantity, None, (), None, book.reason(context))
    # Token prices are per million; units are in millionths besides.
    cost = (quantity * per_million).scaleb(-12 if name == UNITS else -6)
    return Part(name, quantity, per_million, row.made_of[priced], cost, "")
