"""The cost side, segment by segment: a large one never changes, so what it answered is remembered.

New usage comes in small segments. Only those are asked again, and only their contexts resolved.
"""

from collections.abc import Sequence

from django.conf import settings

from billing.margin import meaning
from billing.margin.cost import CostRow, cost_rows, together
from billing.margin.memory import Memory
from billing.margin.query import Question
from tknops.calendar import Period
from usage import cube
from usage.revisions import Key, Revisions

# A segment of so many rows takes longer to ask than to look up.
LARGE = 50_000
# New rows of these say nothing of the contexts a segment holds: those were there before it.
ADDED_TO = ("usage_attribution", "usage_context", "usage_sku", "usage_source")
_answers = Memory()


def segment_costs(
    question: Question, period: Period, files: Sequence[str], revisions: Revisions
) -> list[CostRow]:
    """Return what `cost_rows` of all segments together does.

    They are asked together where a customer's integers are shared over plans, which is done once
    per key of the cube, and where a scenario's own files are asked.
    """
    large = [path for path in files if cube.rows_of(path) >= LARGE]
    if not large or question.scenario or _splits(question, period, revisions):
        return cost_rows(question, period, files, revisions)
    state = revisions.without_inserts(*ADDED_TO)
    answers = [_remembered(question, period, path, revisions, state) for path in large]
    if small := [path for path in files if path not in large]:
        contexts = cube.contexts_of(small)
        answers.append(cost_rows(question, period, small, revisions, contexts=contexts))
    merged = {row.key: row for row in answers[0]}
    for row in (row for answer in answers[1:] for row in answer):
        before = merged.get(row.key)
        merged[row.key] = together(row.key, (before, row)) if before else row
    return list(merged.values())


def forget() -> None:
    """Drop the answers this process remembers."""
    _answers.clear()


def _remembered(
    question: Question, period: Period, path: str, revisions: Revisions, state: Key
) -> list[CostRow]:
    key = (question.key, period, path, state, settings.REPORTING_CURRENCY)
    return _answers.get(key, lambda: cost_rows(question, period, [path], revisions))


def _splits(question: Question, period: Period, revisions: Revisions) -> bool:
    return question.asks_plan and meaning.has_shares(period, revisions)
