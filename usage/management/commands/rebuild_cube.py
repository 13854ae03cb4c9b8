"""Command rebuild_cube."""

from typing import Any

from django.core.management.base import BaseCommand

from usage.cube import rebuild


class Command(BaseCommand):
    """Sum the whole ledger into the cube again."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Rebuild and say what it holds."""
        segment = rebuild()
        self.stdout.write(
            f"{segment.events:,} events in {segment.rows:,} rows" if segment else "no usage"
        )
