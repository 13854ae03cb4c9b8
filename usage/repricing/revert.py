"""Take one revision of the price book back: a revision of its own."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from usage.models import ModelAlias, Price, PriceAdjustment, PriceRevision
from usage.pricing import PriceChange
from usage.repricing.apply import BookChangedError, Row, apply, copied, terms_of


class RevertError(ValueError):
    """A revision that cannot be taken back, and why."""


def revert(*, revision: PriceRevision, user: Any, now: dt.datetime) -> PriceRevision:
    """Put back what the revision ended and end what it added. Raises RevertError."""
    try:
        return apply(
            reverting(revision),
            now=now,
            user=user,
            kind=PriceRevision.Kind.REVERT,
            reason=f"Takes back revision {revision.pk}",
            reverts=revision,
        )
    except BookChangedError as error:
        message = f"revision {revision.pk} cannot be taken back: {error}"
        raise RevertError(message) from error


def reverting(revision: PriceRevision) -> PriceChange:
    """Return the change that takes it back, to be looked at first. Raises RevertError."""
    if PriceRevision.objects.filter(reverts=revision).exists():
        message = f"revision {revision.pk} has been taken back already"
        raise RevertError(message)
    aliases = ModelAlias.objects.filter(added_in=revision).values_list("provider_code", "alias")
    change = PriceChange(
        prices=tuple(copied(row) for row in Price.objects.filter(superseded_in=revision)),
        ended_prices=_in_force(Price.objects.filter(added_in=revision)),
        adjustments=tuple(
            copied(row) for row in PriceAdjustment.objects.filter(superseded_in=revision)
        ),
        ended_adjustments=_in_force(PriceAdjustment.objects.filter(added_in=revision)),
        ended_aliases=frozenset(aliases),
    )
    if not change:
        message = f"revision {revision.pk} left no price: give the models their names again"
        raise RevertError(message)
    return change


def _in_force(rows: Iterable[Row]) -> frozenset[int]:
    return frozenset(_standing(row).pk for row in rows)


def _standing(row: Row) -> Row:
    """Return the row in force that says the same: itself, or what a later revert put back."""
    while row.superseded_at is not None:
        ended_in = row.superseded_in
        back = PriceRevision.objects.filter(reverts=ended_in).first() if ended_in else None
        again = _same(row, back) if back else None
        if again is None:
            later = f": take revision {ended_in.pk} back first" if ended_in else " since"
            message = f"{row} was changed again{later}"
            raise RevertError(message)
        row = again
    return row


def _same(row: Row, revision: PriceRevision) -> Row | None:
    rows: Any = type(row).objects.filter(added_in=revision, **terms_of(row))
    found: Row | None = rows.first()
    return found
