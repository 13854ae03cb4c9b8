"""The time zone the cube's days are counted in, to notice when the installation changes it."""

from django.conf import settings

from usage.models import Derivation

_DERIVATION = "zone"


def zone_changed() -> bool:
    """Tell whether the cube's days are those of another zone; false while nothing is folded."""
    counted = Derivation.objects.filter(pk=_DERIVATION).values_list("made_from", flat=True).first()
    return counted not in {None, str(settings.REPORTING_ZONE)}


def record_zone() -> None:
    """Record that the whole cube is counted in today's zone."""
    Derivation.objects.update_or_create(
        pk=_DERIVATION, defaults={"made_from": str(settings.REPORTING_ZONE)}
    )
