"""Let a month bear what a bill has beyond the tracked cost: an amount of a pool, never usage."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction

from billing.models import AllocationRule, CostPool, CostPoolAmount, MonthClose, TrueUp
from billing.reconciliation.reconcile import Reconciliation, reconcile
from tknops.calendar import next_month
from tknops.money import minor_digits

_TEXT = "{provider}: bill of {month:%B %Y} beyond the tracked cost"


class TrueUpRefusedError(ValueError):
    """It cannot be, and why."""


def left_of(found: Reconciliation) -> int:
    """Return what is left to true up, in minor units of the reporting currency."""
    return int(found.to_true_up.scaleb(minor_digits(settings.REPORTING_CURRENCY)))


@transaction.atomic
def post_true_up(
    *, provider: str, month: dt.date, posted_month: dt.date, expected: int, reason: str, user: Any
) -> TrueUp:
    """Put what is left of a bill into the provider's pool, in a month.

    `expected` are the minor units the person saw. The pool is made with the first one, shared by
    direct cost at the provider. Raises TrueUpRefusedError.
    """
    if MonthClose.objects.filter(month=posted_month, reopening=None).exists():
        message = f"{posted_month:%B %Y} is closed; a true-up is for an open month"
        raise TrueUpRefusedError(message)
    pool = _pool(provider)
    found = reconcile(month, provider=provider)
    left = left_of(found[0]) if found else 0
    if not left or left != expected:
        message = (
            "nothing is left to true up" if not left else "the figures have changed: look again"
        )
        raise TrueUpRefusedError(message)
    amount = CostPoolAmount.objects.create(
        pool=pool,
        source=CostPoolAmount.Source.TRUE_UP,
        service_start=posted_month,
        service_end=next_month(posted_month),
        amount_minor=left,
        note=_TEXT.format(provider=provider, month=month),
    )
    return TrueUp.objects.create(
        provider_code=provider,
        month=month,
        posted_month=posted_month,
        currency=settings.REPORTING_CURRENCY,
        amount_minor=left,
        pool_amount=amount,
        reason=reason,
        created_by=user,
    )


@transaction.atomic
def undo_true_up(*, made: TrueUp, user: Any, now: dt.datetime) -> TrueUp:
    """Take a true-up back: its amount goes, the row stays. Raises TrueUpRefusedError."""
    made = TrueUp.objects.select_for_update().get(pk=made.pk)
    amount = made.pool_amount
    if made.undone_at or amount is None:
        message = "it was taken back already"
        raise TrueUpRefusedError(message)
    made.pool_amount, made.undone_at, made.undone_by = None, now, user
    made.save(update_fields=["pool_amount", "undone_at", "undone_by"])
    amount.delete()
    return made


def _pool(provider: str) -> CostPool:
    """Return the provider's pool, locked against a second click; make it with its rule."""
    pool, created = CostPool.objects.select_for_update().get_or_create(
        name=f"True-up {provider}",
        defaults={
            "kind": CostPool.Kind.TRUE_UP,
            "vendor": provider,
            "currency": settings.REPORTING_CURRENCY,
        },
    )
    if created:
        AllocationRule.objects.create(
            pool=pool,
            target=AllocationRule.Target.CUSTOMER,
            method=AllocationRule.Method.DIRECT_COST,
            filters={"provider": [provider]},
            reason=f"a bill of {provider} is borne like its tracked cost",
        )
    if pool.currency != settings.REPORTING_CURRENCY:
        message = f"the pool {pool.name} is in {pool.currency}; rename it to start another"
        raise TrueUpRefusedError(message)
    return pool
