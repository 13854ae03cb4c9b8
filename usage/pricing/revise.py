"""Prices are versions: a change supersedes the row and adds another, so the old figure stays."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from usage.models import Price


@transaction.atomic
def revise_price(*, price: Price, now: dt.datetime) -> Price:
    """Store an edited price as a new version; the row it was read from is superseded.

    Raises IntegrityError if it overlaps another price in force.
    """
    Price.objects.filter(pk=price.pk, superseded_at=None).update(superseded_at=now)
    price.pk = None
    price.source, price.source_version, price.original = "manual", "", ""
    price.superseded_at = None
    price.save(force_insert=True)
    return price


def withdraw_prices(*, prices: Iterable[Price], now: dt.datetime) -> int:
    """Take prices out of force for all days; return how many. What they were stays."""
    keys = [price.pk for price in prices]
    return Price.objects.filter(pk__in=keys, superseded_at=None).update(superseded_at=now)
