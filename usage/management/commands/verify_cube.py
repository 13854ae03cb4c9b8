"""Command verify_cube."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from usage.cube import verify


class Command(BaseCommand):
    """Recompute the cube from the ledger and compare every sum."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Print the differences; exit 1 if there is one."""
        differences = verify()
        for difference in differences:
            self.stdout.write(
                f"{difference.key}: cube {difference.cube}, ledger {difference.ledger}"
            )
        self.stdout.write(f"{len(differences)} differences")
        if differences:
            message = "The cube is not the ledger; run rebuild_cube."
            raise CommandError(message)
