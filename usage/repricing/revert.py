"""Take one revision of the price book back: a revision of its own."""

import datetime as dt
from typing import Any

from usage.models import ModelAlias, Price, PriceAdjustment, PriceRevision
from usage.pricing import PriceChange
from usage.repricing.apply import BookChangedError, apply, copied


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
    prices = _still_in_force(Price.objects.filter(added_in=revision))
    adjustments = _still_in_force(PriceAdjustment.objects.filter(added_in=revision))
    aliases = ModelAlias.objects.filter(added_in=revision).values_list("provider_code", "alias")
    return PriceChange(
        prices=tuple(copied(row) for row in Price.objects.filter(superseded_in=revision)),
        ended_prices=prices,
        adjustments=tuple(
            copied(row) for row in PriceAdjustment.objects.filter(superseded_in=revision)
        ),
        ended_adjustments=adjustments,
        ended_aliases=frozenset(aliases),
    )


def _still_in_force(rows: Any) -> frozenset[int]:
    for row in rows:
        if row.superseded_at is not None:
            later = row.superseded_in_id
            message = f"{row} was changed again" + (
                f": take revision {later} back first" if later else " since"
            )
            raise RevertError(message)
    return frozenset(row.pk for row in rows)
