"""How far back there is anything at all: usage, service or a subscription."""

import datetime as dt

from django.db.models import Min

from billing.models import InvoiceLine, Subscription
from tknops.calendar import Period, month_start
from usage.models import CubeSegment

_EARLIEST = dt.date(2000, 1, 1)


def history(period: Period) -> Period:
    """Return the days from the first usage or service there is to the period's end."""
    firsts = (
        CubeSegment.objects.filter(replaced_at=None).aggregate(at=Min("first_day"))["at"],
        InvoiceLine.objects.aggregate(at=Min("service_start"))["at"],
        Subscription.objects.aggregate(at=Min("start_date"))["at"],
    )
    earliest = min((day for day in firsts if day), default=period.start)
    return Period(max(_EARLIEST, min(month_start(earliest), period.start)), period.end)
