"""Write a change of the price book as one revision; what it ends stays as history."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from tknops.jobs.models import Job
from tknops.jobs.queue import enqueue
from usage.cube.bands import current_bands, outdated_skus
from usage.models import ModelAlias, Price, PriceAdjustment, PriceRevision
from usage.pricing import PriceChange

REFOLD = "refold"
_VERSION = frozenset(("id", "key_hash", "created_at", "superseded_at", "superseded_in", "added_in"))
Row = TypeVar("Row", Price, PriceAdjustment)
_TWICE = (
    "the price book has a price or adjustment of the same key for some of these days: "
    "look at the change again"
)


class BookChangedError(ValueError):
    """The price book is no longer the one the change was made for."""


def apply(
    change: PriceChange,
    *,
    now: dt.datetime,
    user: Any = None,
    kind: str = PriceRevision.Kind.BY_HAND,
    reason: str = "",
    reverts: PriceRevision | None = None,
) -> PriceRevision:
    """Write the change; usage whose bands it changes is folded again by a job.

    Raises BookChangedError if a row it ends has ended already, or one it adds would overlap.
    """
    try:
        with transaction.atomic():
            revision = PriceRevision.objects.create(
                kind=kind, reason=reason, created_by=user, reverts=reverts
            )
            _end(Price, change.ended_prices, revision, now)
            _end(PriceAdjustment, change.ended_adjustments, revision, now)
            _add(change, revision)
    except IntegrityError as error:
        raise BookChangedError(_TWICE) from error
    queue_refold(user=user)
    return revision


def queue_refold(*, user: Any = None) -> Job | None:
    """Queue the summing again of usage whose price bands changed, once."""
    if not outdated_skus(current_bands()):
        return None
    waiting = Job.objects.filter(kind=REFOLD, state=Job.State.QUEUED).first()
    return waiting or enqueue(kind=REFOLD, arguments={}, user=user)


def _end(
    model: type[Price] | type[PriceAdjustment],
    keys: Iterable[int],
    revision: PriceRevision,
    now: dt.datetime,
) -> None:
    wanted = set(keys)
    rows: Any = model.objects.filter(pk__in=wanted, superseded_at=None)
    if rows.update(superseded_at=now, superseded_in=revision) != len(wanted):
        message = "a price of this change has been changed meanwhile: look at it again"
        raise BookChangedError(message)


def _add(change: PriceChange, revision: PriceRevision) -> None:
    Price.objects.bulk_create(_new(change.prices, revision), batch_size=2000)
    PriceAdjustment.objects.bulk_create(_new(change.adjustments, revision))
    for provider, alias in change.ended_aliases:
        ModelAlias.objects.filter(provider_code=provider, alias=alias).delete()
    ModelAlias.objects.bulk_create(
        ModelAlias(provider_code=provider, alias=alias, model=model, added_in=revision)
        for (provider, alias), model in change.aliases.items()
    )


def _new(rows: Iterable[Row], revision: PriceRevision) -> list[Row]:
    return [copied(row, added_in=revision) for row in rows]


def copied(row: Row, **changed: Any) -> Row:
    """Return an unsaved row of the same terms, as a version of its own."""
    return type(row)(**(terms_of(row) | changed))


def terms_of(row: Row) -> dict[str, Any]:
    """Return what a row says, without what makes it a version."""
    names = [field.name for field in row._meta.concrete_fields if field.name not in _VERSION]
    return {name: getattr(row, name) for name in names}
