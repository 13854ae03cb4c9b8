"""Command remove_demo."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing.closing import ClosingError
from billing.demo import remove


class Command(BaseCommand):
    """Remove the demo company, its billing and its usage."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Remove it."""
        try:
            self.stdout.write(f"{remove(now=timezone.now()):,} demo events removed")
        except ClosingError as error:
            raise CommandError(str(error)) from error
