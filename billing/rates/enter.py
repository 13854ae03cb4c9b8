"""Enter, correct and withdraw single rates: a version ends, another begins."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from billing.models import ExchangeRate

ENTERED = "entered by hand"


@dataclass(frozen=True, slots=True)
class RateTerms:
    """What a rate says: one base in quote on a day, and who published it."""

    base: str
    quote: str
    date: dt.date
    rate: Decimal
    source: str = ENTERED


@transaction.atomic
def enter(
    terms: RateTerms, *, now: dt.datetime, user: Any = None, reason: str = ""
) -> ExchangeRate:
    """Put a rate in force, ending the one of its pair and day; the same again changes nothing."""
    there = (
        ExchangeRate.objects.select_for_update()
        .filter(base=terms.base, quote=terms.quote, date=terms.date, superseded_at=None)
        .first()
    )
    if there:
        if (there.rate, there.source) == (terms.rate, terms.source):
            return there
        there.superseded_at = now
        there.save(update_fields=["superseded_at"])
    return ExchangeRate.objects.create(
        base=terms.base,
        quote=terms.quote,
        date=terms.date,
        rate=terms.rate,
        source=terms.source,
        reason=reason,
        created_by=user,
    )


@transaction.atomic
def withdraw(*, keys: list[int], now: dt.datetime) -> int:
    """End rates without another in their place; return how many were in force."""
    return ExchangeRate.objects.filter(pk__in=keys, superseded_at=None).update(superseded_at=now)
