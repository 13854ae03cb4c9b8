"""Command attribute."""

from typing import Any

from django.core.management.base import BaseCommand

from usage.attribution import attribute


class Command(BaseCommand):
    """Derive whose and what for again from references, ids and aliases."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Attribute and say how many contexts changed."""
        run = attribute(reason="command attribute")
        self.stdout.write(f"{run.changed if run else 0} contexts changed")
