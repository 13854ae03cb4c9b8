"""Command fold."""

from typing import Any

from django.core.management.base import BaseCommand

from usage.cube import fold


class Command(BaseCommand):
    """Bring accepted usage into the cube."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Fold until nothing is left."""
        self.stdout.write(f"{fold()} batches folded")
