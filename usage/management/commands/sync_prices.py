"""Command sync_prices."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from usage.pricing import sync_prices
from usage.pricing.catalogue import read_catalogue


class Command(BaseCommand):
    """Bring the price book to the installed catalogue's state."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help="Show the diff, write nothing.")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        """Sync and print the diff."""
        diff = sync_prices(catalogue=read_catalogue(), now=timezone.now(), dry_run=dry_run)
        if options["verbosity"] > 1:
            for sign, rows in (("+", diff.added), ("-", diff.superseded)):
                for row in rows:
                    self.stdout.write(f"{sign} {row} {row.per_million} {row.currency}")
        self.stdout.write(
            f"{len(diff.added)} prices added, {len(diff.superseded)} superseded, "
            f"{diff.unchanged} unchanged, {diff.aliases} aliases"
            + (" (dry run: nothing written)" if dry_run else "")
        )
