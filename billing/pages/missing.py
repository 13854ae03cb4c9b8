"""What an empty page lacks, and the one place to bring it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from billing.models import Invoice, Subscription
from billing.pages.access import PREVIEW
from billing.pages.months import newest_usage
from billing.pages.period import Picked
from usage.models import UsageBatch


@dataclass(frozen=True, slots=True)
class Missing:
    """A sentence and its button."""

    text: str
    action: str
    link: str


def missing(user: Any, month: Picked | None) -> Missing:
    """Name the first thing that is not there at all; else offer the newest month with usage."""
    if not UsageBatch.objects.exists():
        return Missing(
            "Usage is missing: no call has been received yet.",
            "Send or upload the first usage",
            reverse("pages:setup"),
        )
    newest = newest_usage(timezone.localdate())
    if month and newest and newest != month.period.start:
        return _elsewhere(newest, month)
    if not (Invoice.objects.exists() or Subscription.objects.exists()):
        may = user.has_perm(PREVIEW)
        return Missing(
            "Revenue is missing: no invoice and no subscription has been imported yet.",
            "Import billing" if may else "Open the setup",
            reverse("pages:billing-upload" if may else "pages:setup"),
        )
    return Missing(
        "No call and no revenue fall into this period; others have some.",
        "Show the last full month",
        "?",
    )


def _elsewhere(newest: dt.date, month: Picked) -> Missing:
    return Missing(
        f"No call and no revenue fall into {month.label}; the newest usage is of {newest:%B %Y}.",
        f"Show {newest:%B %Y}",
        f"?month={newest:%Y-%m}",
    )
