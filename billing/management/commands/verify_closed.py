"""Command verify_closed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.closing import verify_closed


class Command(BaseCommand):
    """Recompute hashes, chain and figures of every closed month."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Print how many closes there are and what is wrong."""
        count, wrong = verify_closed()
        for text in wrong:
            self.stderr.write(text)
        if wrong:
            message = f"{count:,} closes, {len(wrong):,} differences"
            raise CommandError(message)
        self.stdout.write(f"{count:,} closes, 0 differences")
