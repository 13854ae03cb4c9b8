"""Command pull_stripe."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.importers import start_pull
from tknops.jobs.models import Job


class Command(BaseCommand):
    """Fetch invoices and subscriptions from Stripe since the last time and import them.

    STRIPE_API_KEY names a restricted key that may only read; it is never stored.
    """

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day to begin with."""
        parser.add_argument(
            "--since", type=dt.date.fromisoformat, help="2026-01-31; else 90 days before the last"
        )

    def handle(self, *, since: dt.date | None, **_options: Any) -> None:
        """Fetch and import here; start it again after a failure and it goes on."""
        midnight = dt.time(tzinfo=dt.UTC)
        job = start_pull(
            now=timezone.now(),
            since=dt.datetime.combine(since, midnight) if since else None,
            at_once=True,
        )
        if job.state != Job.State.DONE:
            raise CommandError(job.error or job.get_state_display())
        result = job.result
        self.stdout.write(f"{result['objects']:,} objects fetched: {result['state']}")
        if "import" in result:
            counted = f"{result.get('created', 0):,} new, {result.get('unchanged', 0):,} unchanged"
            self.stdout.write(f"Import {result['import']}: {counted}")
        if result.get("errors") or result.get("refused"):
            message = f"import {result['import']} was refused: see it in the admin"
            raise CommandError(message)
