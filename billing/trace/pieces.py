"""What a cell is made of: lines of the ledger by the days they are read from, and closed months.

The same cut as the margin's: open days live, usage posted later than its month in the month it is
posted in, closed days from their files, corrections on the first open day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from billing.margin.closed import Books
from billing.margin.closed.compose import late_spans
from billing.margin.closed.fixed import dated, fixed
from billing.margin.query import Question
from billing.measures import CHARGE_CLASS, CORRECTION, LATE, REGULAR
from tknops.calendar import Period, next_month
from usage import cube


@dataclass(frozen=True, slots=True)
class Piece:
    """A question to the ledger, and the days its lines are of."""

    question: Question
    days: Period

    def on(self, span: Period) -> "Piece | None":
        """Cut it to some days; None where it has none of them."""
        start, end = max(self.days.start, span.start), min(self.days.end, span.end)
        return Piece(self.question, Period(start, end)) if start < end else None


def ledger_pieces(question: Question, period: Period, held: Books) -> Sequence[Piece]:
    """Return the open days, and late usage posted in open months of the period."""
    if not held.ever and CHARGE_CLASS not in question.filters:
        return [Piece(question, period)]
    late, found = (cube.late_months() if held.ever else []), []
    if asked := fixed(question, {CHARGE_CLASS: REGULAR}):
        for part in held.open_parts(period):
            elsewhere = any(m < part.end and next_month(m) > part.start for m, _ in late)
            one = replace(asked.question, late=False) if elsewhere else asked.question
            found.append(Piece(one, part))
    for posted, days in late_spans(late).items():
        if not period.start <= posted < period.end or posted in held.files:
            continue
        if asked := fixed(question, dated(LATE, posted)):
            month = Period(posted, next_month(posted))
            found.append(Piece(replace(asked.question, posted=month, late=True), days))
    return found


def corrections_asked(question: Question, period: Period, held: Books) -> Question | None:
    """Return the question to what today's meaning changes in closed months; None: not here."""
    first = held.first_open
    if first is None or not period.start <= first < period.end:
        return None
    asked = fixed(question, dated(CORRECTION, first))
    return asked.question if asked else None
