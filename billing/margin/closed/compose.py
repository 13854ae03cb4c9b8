"""A question over any days: open months live, closed ones from their files, adjustments between."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from billing.margin.allocation import allocated
from billing.margin.closed.answer import Answer, added, placed
from billing.margin.closed.books import Books, books_of
from billing.margin.closed.difference import Files, difference
from billing.margin.closed.fixed import dated, fixed
from billing.margin.closed.frozen import Frozen
from billing.margin.income import income
from billing.margin.query import Question
from billing.margin.segments import segment_costs
from billing.measures import CHARGE_CLASS, CORRECTION, LATE, REGULAR
from tknops.calendar import Period, next_month
from usage import cube
from usage.revisions import Revisions


def answered(
    question: Question, period: Period, files: Files, currency: str, revisions: Revisions
) -> Answer:
    """Answer a question; where no month was ever closed, all of it is live.

    Usage posted later than its month stands on the first day of the month it is posted in, what
    today's meaning changes in closed months on the first day of the first open one.
    """
    held = books_of(revisions)
    if question.live or (not held.ever and CHARGE_CLASS not in question.filters):
        return live(question, period, files, currency, revisions)
    late = cube.late_months() if held.ever else []
    parts = [
        live(question, part, files, currency, revisions, late=late)
        for part in held.open_parts(period)
    ]
    parts += late_usage(question, period, held, late, files, revisions)
    if closed := held.closed_part(period):
        parts.append(Frozen(question, held.paths(closed), closed, revisions).answer())
    first = held.first_open
    if first and held.closed and period.start <= first < period.end:
        asked = fixed(question, dated(CORRECTION, first))
        if asked:
            found = difference(asked.question, held, held.closed, files, currency, revisions)
            parts.append(placed(found, asked))
    return added(question, parts)


def live(
    question: Question,
    period: Period,
    files: Files,
    currency: str,
    revisions: Revisions,
    *,
    late: Sequence[tuple[dt.date, dt.date]] = (),
) -> Answer:
    """Answer for open days; what is of them and was posted later is left out."""
    asked = fixed(question, {CHARGE_CLASS: REGULAR})
    if asked is None:
        return Answer()
    one = asked.question
    elsewhere = any(m < period.end and next_month(m) > period.start for m, _ in late)
    own = replace(one, late=False) if elsewhere else one
    found = Answer(
        segment_costs(own, period, files(period), revisions),
        income(one, period, currency, revisions),
        allocated(one, period, currency, revisions),
    )
    return placed(found, asked)


def late_usage(
    question: Question,
    period: Period,
    held: Books,
    late: Sequence[tuple[dt.date, dt.date]],
    files: Files,
    revisions: Revisions,
) -> list[Answer]:
    """Answer for usage of earlier months posted in open months of the period."""
    found = []
    for posted, days in late_spans(late).items():
        if not period.start <= posted < period.end or posted in held.files:
            continue
        if asked := fixed(question, dated(LATE, posted)):
            one = replace(asked.question, posted=Period(posted, next_month(posted)), late=True)
            rows = segment_costs(one, days, files(days), revisions)
            found.append(placed(Answer(rows), asked))
    return found


def late_spans(late: Sequence[tuple[dt.date, dt.date]]) -> Mapping[dt.date, Period]:
    """Return the days that usage posted in a later month is of, by that month."""
    found: dict[dt.date, Period] = {}
    for usage, posted in late:
        before = found.get(posted, Period(usage, next_month(usage)))
        span = Period(min(before.start, usage), max(before.end, next_month(usage)))
        found[posted] = span
    return found
