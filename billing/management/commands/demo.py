"""Command demo."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.demo import DemoRefusedError, build


class Command(BaseCommand):
    """Create the demo company through the real doors of a running server."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take its size."""
        parser.add_argument("--customers", type=int, default=60)
        parser.add_argument("--events", type=int, default=100_000)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--url", default=os.environ.get("TKNOPS_URL", "http://127.0.0.1:8000"))

    def handle(self, *, customers: int, events: int, seed: int, url: str, **_options: Any) -> None:
        """Build it."""
        try:
            stored = build(
                url=url, today=timezone.localdate(), customers=customers, events=events, seed=seed
            )
        except DemoRefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{stored:,} events of {customers} customers")
