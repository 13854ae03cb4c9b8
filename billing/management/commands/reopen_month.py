"""Command reopen_month."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.closing import ClosingError, reopen_month
from tknops.calendar import parse_bound


class Command(BaseCommand):
    """Open the last closed month again; its frozen file stays."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the month and why."""
        parser.add_argument("month", help="such as 2026-10")
        parser.add_argument("--reason", required=True)

    def handle(self, *, month: str, reason: str, **_options: Any) -> None:
        """Open it."""
        try:
            made = reopen_month(month=parse_bound(month), reason=reason, now=timezone.now())
        except (ClosingError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made}: {made.reason}. {made.close.file_name} stays readable.")
