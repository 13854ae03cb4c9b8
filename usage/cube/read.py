"""Which files answer a report, and up to when usage was received."""

from datetime import datetime

from django.conf import settings
from django.db.models import Max

from tknops.calendar import Period
from usage.models import CubeSegment


def cube_files(*, period: Period | None = None) -> list[str]:
    """Paths of the segments that may hold days of the period."""
    segments = CubeSegment.objects.filter(replaced_at=None)
    if period:
        segments = segments.filter(first_day__lt=period.end, last_day__gte=period.start)
    names = segments.order_by("pk").values_list("path", flat=True)
    return [str(settings.CUBE_DIR / name) for name in names]


def received_to() -> datetime | None:
    """Tell when the latest usage in the cube was received; None if there is none."""
    latest = CubeSegment.objects.filter(replaced_at=None).aggregate(at=Max("received_to"))
    found: datetime | None = latest["at"]
    return found
