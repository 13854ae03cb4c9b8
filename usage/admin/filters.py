"""Filters several lists share."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.timezone import make_aware
from unfold.contrib.filters.admin import RangeDateFilter


class DaysFilter(RangeDateFilter):  # type: ignore[misc]
    """Days of an instant, first and last included, in the reporting zone."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Compare instants, so that the index on them serves; what is no date is ignored."""
        first, last = self._day("from"), self._day("to")
        if first:
            queryset = queryset.filter(**{f"{self.parameter_name}__gte": _midnight(first)})
        if last:
            after = last + dt.timedelta(days=1)
            queryset = queryset.filter(**{f"{self.parameter_name}__lt": _midnight(after)})
        return queryset

    def _day(self, end: str) -> dt.date | None:
        try:
            return parse_date(str(self.used_parameters.get(f"{self.parameter_name}_{end}", "")))
        except ValueError:
            return None


def _midnight(day: dt.date) -> dt.datetime:
    return make_aware(dt.datetime.combine(day, dt.time()))
