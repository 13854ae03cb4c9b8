"""Write a file's rates, or take them back, whole."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.db import transaction

from billing.importers.errors import ImportRefusedError, RowError
from billing.models import ExchangeRate, RateImport
from billing.rate_files.read import compared, in_force
from billing.rates.lookup import PIVOT

_AT_ONCE = 5_000


@transaction.atomic
def apply_rates(*, made: RateImport, now: dt.datetime) -> RateImport:
    """Put every rate in force, ending those it corrects; a second call changes nothing.

    Raises ImportRefusedError if the file has errors.
    """
    made = RateImport.objects.select_for_update().get(pk=made.pk)
    if made.applied_at:
        return made
    if made.errors:
        raise ImportRefusedError([RowError(one["line"], one["message"]) for one in made.errors])
    made.created, made.corrected, made.unchanged = compared(made)
    there = in_force()
    new = list(_new(made, there))
    ended = [held[0] for row in new if (held := there.get((row.quote, str(row.date))))]
    for first in range(0, len(ended), _AT_ONCE):
        rows = ExchangeRate.objects.filter(pk__in=ended[first : first + _AT_ONCE])
        rows.update(superseded_at=now, superseded_in=made)
    ExchangeRate.objects.bulk_create(new, batch_size=_AT_ONCE)
    made.applied_at, made.rows = now, []
    made.save()
    return made


@transaction.atomic
def undo_rates(*, made: RateImport, now: dt.datetime) -> int:
    """End the rates a file brought and put back those it corrected, where nothing came since.

    Returns how many went. Raises ImportRefusedError if it is not imported.
    """
    made = RateImport.objects.select_for_update().get(pk=made.pk)
    if not made.applied_at or made.undone_at:
        message = f"it is {made.state}, so there is nothing to undo"
        raise ImportRefusedError([RowError(1, message)])
    mine = made.rates.filter(superseded_at=None)
    places = set(mine.values_list("base", "quote", "date"))
    gone = mine.update(superseded_at=now)
    back = [
        pk
        for pk, *place in made.superseded.values_list("pk", "base", "quote", "date")
        if tuple(place) in places
    ]
    for first in range(0, len(back), _AT_ONCE):
        rows = ExchangeRate.objects.filter(pk__in=back[first : first + _AT_ONCE])
        rows.update(superseded_at=None, superseded_in=None)
    made.undone_at = now
    made.save(update_fields=["undone_at"])
    return gone


def _new(
    made: RateImport, there: dict[tuple[str, str], tuple[int, Decimal]]
) -> Iterator[ExchangeRate]:
    for line, day, rates in made.rows:
        for code, text in rates.items():
            held = there.get((code, day))
            if held is None or held[1] != Decimal(text):
                yield ExchangeRate(
                    base=PIVOT,
                    quote=code,
                    date=dt.date.fromisoformat(day),
                    rate=Decimal(text),
                    source=made.source,
                    rate_import=made,
                    import_line=line,
                    created_by=made.created_by,
                )
