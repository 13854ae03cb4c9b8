"""Command remove_demo."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from billing.demo import remove


class Command(BaseCommand):
    """Remove the demo company, its billing and its usage."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Remove it."""
        self.stdout.write(f"{remove(now=timezone.now()):,} demo events removed")
