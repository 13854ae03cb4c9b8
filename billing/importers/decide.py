"""Give up imports that were not applied: by hand, or because nobody came back."""

import datetime as dt

from django.db import transaction

from billing.importers.kept import drop, folder
from billing.models import BillingImport

KEPT_FOR = dt.timedelta(days=3)
_OPEN = ("STAGING", "ASKING", "REFUSED", "STAGED")


@transaction.atomic
def give_up(*, made: BillingImport) -> bool:
    """Forget an import and its file; False if it was applied."""
    if not BillingImport.objects.filter(pk=made.pk, state__in=_OPEN).exists():
        return False
    made.staged.all().delete()
    made.delete()
    transaction.on_commit(lambda: drop(made))
    return True


def expire(*, now: dt.datetime) -> int:
    """Give up imports nobody confirmed within three days; remove files that belong to none."""
    old = BillingImport.objects.filter(state__in=_OPEN, created_at__lt=now - KEPT_FOR)
    expired = [made for made in old if give_up(made=made)]
    needed = set(BillingImport.objects.exclude(kept_as="").values_list("kept_as", flat=True))
    for path in folder().glob("*.billing"):
        age = now.timestamp() - path.stat().st_mtime
        if path.name not in needed and age > KEPT_FOR.total_seconds():
            path.unlink(missing_ok=True)
    return len(expired)
