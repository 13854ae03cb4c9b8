"""What an empty page lacks, and the one place to bring it."""

from dataclasses import dataclass

from django.urls import reverse

from billing.models import Invoice, Subscription
from usage.models import UsageBatch


@dataclass(frozen=True, slots=True)
class Missing:
    """A sentence and its button."""

    text: str
    action: str
    link: str


def missing() -> Missing:
    """Name the first thing that is not there at all; else the period is simply empty."""
    if not UsageBatch.objects.exists():
        return Missing(
            "Usage is missing: no call has been received yet.",
            "Send the first event",
            reverse("pages:setup"),
        )
    if not (Invoice.objects.exists() or Subscription.objects.exists()):
        return Missing(
            "Revenue is missing: no invoice and no subscription has been imported yet.",
            "Import billing",
            reverse("pages:billing-upload"),
        )
    return Missing(
        "No call and no revenue fall into this period; others have some.",
        "Show the last full month",
        "?",
    )
