"""Keep rejected events so that they can be mended: allow-listed fields, scrubbed."""

import re
from collections.abc import Iterable

from usage.ingest.decoded import Rejected
from usage.ingest.scrub import scrub, storable
from usage.models import Quarantined

_TIME = re.compile(r"[0-9TtZz:.+ -]{1,40}")


def quarantine(batch_id: int, rejected: Iterable[Rejected]) -> dict[int, int]:
    """Store rejected events and return their row ids by index."""
    rows = Quarantined.objects.bulk_create(_kept(batch_id, one) for one in rejected)
    return {row.index: row.pk for row in rows}


def _kept(batch_id: int, one: Rejected) -> Quarantined:
    fields, removed = scrub(one.fields)
    if isinstance(fields.get("time"), str) and not _TIME.fullmatch(fields["time"]):
        del fields["time"]
        removed.append("time")
    return Quarantined(
        batch_id=batch_id,
        index=one.index,
        code=one.error.code,
        pointer=one.error.pointer,
        detail=storable(one.error.detail),
        fields=fields,
        removed=storable(sorted({*one.removed, *removed})),
        sha256=one.sha256,
    )
