"""What the tests of the price book share."""

import datetime as dt

from billing.margin import margin
from tknops.calendar import Period
from usage.models import PriceAdjustment, PriceRevision
from usage.pricing import PriceChange
from usage.repricing import apply

OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def adjusted(kind, value, **fields):
    """Put an adjustment in force."""
    row = PriceAdjustment(name=kind, kind=kind, value=value, **fields)
    return apply(PriceChange(adjustments=(row,)), now=NOW)


def cost(**question):
    return margin(by=[], period=OCTOBER, **question).total.cost


def take_back(revision):
    from usage.repricing import revert

    return revert(revision=revision, user=None, now=NOW)


def last_revision():
    return PriceRevision.objects.order_by("pk").last()
