"""Approve or reject the lines of a proposal; a figure far off needs its own word."""

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from usage.models import Price, PriceProposal, PriceRevision, ProposedPrice
from usage.pricing import PriceChange
from usage.pricing.catalogue import SOURCE
from usage.repricing.apply import apply
from usage.repricing.compare import Line
from usage.repricing.sync import TERMS, change_of

FAR = 10
_Decision = ProposedPrice.Decision
_Action = ProposedPrice.Action


class UnconfirmedError(ValueError):
    """A price ten times the one before, or a tenth, that nobody confirmed; names the figures."""

    def __init__(self, line: ProposedPrice) -> None:
        before = line.replaces.per_million if line.replaces else Decimal(0)
        super().__init__(
            f"{line.provider_code} {line.model}, {line.get_token_class_display()}: "
            f"{plain(line.per_million)} {line.currency} instead of {plain(before)}: "
            "a change of ten times or more needs its figure confirmed"
        )


def plain(price: Decimal) -> str:
    """Write a price without trailing zeros and exponent."""
    return f"{price.normalize():f}"


def far(price: Decimal, before: Decimal) -> bool:
    """Whether a price is ten times another, or a tenth of it."""
    return price != before and (price >= before * FAR or price * FAR <= before)


def is_far(line: ProposedPrice) -> bool:
    """Whether a line needs its figure confirmed."""
    changes = line.action == _Action.CHANGE and line.replaces is not None
    return changes and far(line.per_million, line.replaces.per_million)  # type: ignore[union-attr]


def approving(lines: Sequence[ProposedPrice]) -> PriceChange:
    """Return the change that approving these lines makes."""
    return change_of(_line(line) for line in lines)


@transaction.atomic
def approve(
    *,
    proposal: PriceProposal,
    lines: Collection[int],
    confirmed: Collection[int] = (),
    user: Any,
    now: dt.datetime,
) -> PriceRevision | None:
    """Put the chosen open lines in force as one revision. Raises UnconfirmedError or ValueError."""
    chosen = _open(proposal, lines)
    for line in chosen:
        if is_far(line) and line.pk not in confirmed:
            raise UnconfirmedError(line)
    if not chosen:
        return None
    kind = PriceRevision.Kind.SYNC if proposal.source == SOURCE else PriceRevision.Kind.IMPORT
    revision = apply(
        approving(chosen),
        now=now,
        user=user,
        kind=kind,
        reason=f"{proposal.origin} {proposal.source_version}".strip()[:300],
    )
    _decide(proposal, chosen, _Decision.APPROVED, user, now, revision)
    return revision


@transaction.atomic
def reject(*, proposal: PriceProposal, lines: Collection[int], user: Any, now: dt.datetime) -> int:
    """Leave the book as it is for the chosen open lines; return how many."""
    chosen = _open(proposal, lines)
    _decide(proposal, chosen, _Decision.REJECTED, user, now, None)
    return len(chosen)


def _open(proposal: PriceProposal, lines: Collection[int]) -> list[ProposedPrice]:
    """Lock and return the open ones among the lines. Raises ValueError."""
    PriceProposal.objects.select_for_update().get(pk=proposal.pk)
    proposal.refresh_from_db()
    if proposal.state != PriceProposal.State.OPEN:
        message = f"{proposal}: {proposal.get_state_display()}; nothing is open in it"
        raise ValueError(message)
    rows = proposal.lines.filter(pk__in=lines, decision=_Decision.OPEN)
    return list(rows.select_related("replaces").order_by("pk"))


def _decide(
    proposal: PriceProposal,
    lines: Sequence[ProposedPrice],
    decision: str,
    user: Any,
    now: dt.datetime,
    revision: PriceRevision | None,
) -> None:
    keys = [line.pk for line in lines]
    proposal.lines.filter(pk__in=keys).update(decision=decision, revision=revision)
    if not proposal.lines.filter(decision=_Decision.OPEN).exists():
        proposal.state = PriceProposal.State.DECIDED
        proposal.decided_at, proposal.decided_by = now, user
        proposal.save()


def _line(line: ProposedPrice) -> Line:
    if line.action == _Action.WITHDRAW and line.replaces is not None:
        return Line(line.action, line.replaces, line.replaces)
    terms = {name: getattr(line, name) for name in TERMS}
    return Line(line.action, Price(**terms), line.replaces)
