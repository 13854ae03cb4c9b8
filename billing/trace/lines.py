"""Lines of the ledger with all that makes their cost: meaning, plans, prices, money per class."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from billing.margin.worth import Worth
from billing.rates import Rate
from billing.trace.book import NO_RATE, Book, price_name
from billing.trace.meant import Meant
from billing.trace.shares import Share, part_of, takes_stated
from usage.cube import LedgerLine
from usage.models import Attribution, Context, Price, PriceAdjustment
from usage.pricing import PriceRow
from usage.tokens import PRICED, REASONING, TOKENS, UNITS


@dataclass(frozen=True, slots=True)
class Part:
    """A priced quantity of a line: what of it is in the cell, its price, its cost.

    `per_million` is in the price's own currency, None where there is none; `rate` converted the
    cost, None where that is the reporting currency. `cost` is None without a price or without a
    rate; `reason` says why.
    """

    name: str
    quantity: int
    per_million: Decimal | None
    prices: tuple[Price | PriceAdjustment, ...]
    cost: Decimal | None
    reason: str
    currency: str | None = None
    rate: Rate | None = None

    @property
    def unpriced(self) -> bool:
        """Whether it has no price in any currency."""
        return self.per_million is None


@dataclass(frozen=True, slots=True)
class TracedLine:
    """A line, or the part of it that its customer's plans leave in the cell.

    `shares` is empty where no plan was asked for: then the whole line is meant. `stated`: its cost
    is what the provider stated, whatever its quantities would cost.
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
    stated: bool = False

    @property
    def cost(self) -> Decimal | None:
        """The sum of what is priced; None where nothing is and something should be."""
        if self.stated:
            return self.stated_cost
        known = [part.cost for part in self.parts if part.cost is not None]
        return sum(known, Decimal(0)) if known or not self.parts else None

    @property
    def unpriced_events(self) -> int:
        """The line, where any of its quantities has no price, or the provider stated none."""
        if self.stated:
            return self.events if self.line.stated_cost is None else 0
        unpriced = any(part.unpriced for part in self.parts)
        return self.lines if unpriced else 0

    @property
    def unpriced_tokens(self) -> int:
        """Its tokens without a price, or without a statement."""
        lacks = self.stated and self.line.stated_cost is None
        unpriced = (
            part
            for part in self.parts
            if part.name in TOKENS and (lacks if self.stated else part.unpriced)
        )
        return sum(part.quantity for part in unpriced)


def traced(
    lines: Sequence[LedgerLine], meant: Meant, book: Book, *, stated: bool = False
) -> list[TracedLine]:
    """Put lines together with what they mean and cost."""
    rows = [book.row(meant.context(line), line.day, line.band, line.window) for line in lines]
    found = [_traced(line, row, meant, book) for line, row in zip(lines, rows, strict=True)]
    return [replace(one, stated=True) for one in found] if stated else found


def _traced(line: LedgerLine, row: PriceRow | None, meant: Meant, book: Book) -> TracedLine:
    context, shares = meant.context(line), meant.shares(line)

    def part(name: str) -> int:
        return part_of(line, name, shares) if shares else line.counted[name]

    worth = Worth(book.into, line.day)
    stated = line.stated_cost
    if stated is not None:
        stated = worth.of(stated, line.stated_currency)
    return TracedLine(
        line=line,
        context=context,
        attribution=meant.attribution(line),
        shares=shares,
        events=part("events"),
        lines=part("lines"),
        # What the line has none of is not listed; a plan's part of the rest may well be 0.
        parts=tuple(
            _part(name, part(name), context, row, book, line.day)
            for name in PRICED
            if line.counted[name]
        ),
        reasoning=part(REASONING),
        stated_cost=stated if not shares or takes_stated(shares) else None,
    )


def _part(
    name: str, quantity: int, context: Context, row: PriceRow | None, book: Book, day: dt.date
) -> Part:
    known, priced = {**row.tokens, **row.units} if row else {}, price_name(name, context)
    per_million = known.get(priced)
    if row is None or per_million is None:
        return Part(name, quantity, None, (), None, book.reason(context))
    # Token prices are per million; units are in millionths besides.
    native = (quantity * per_million).scaleb(-12 if name == UNITS else -6)
    currency, worth = row.currency(priced), Worth(book.into, day)
    cost = worth.of(native, currency) if native else native
    reason = NO_RATE if cost is None else ""
    rate = next(iter(worth.rates), None)
    return Part(name, quantity, per_million, row.made_of[priced], cost, reason, currency, rate)
