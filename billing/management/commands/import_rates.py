"""Import exchange rates: manage.py import_rates eurofxref-hist.csv [--dry-run]."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.rate_files import SOURCE, apply_rates, read_rates


class Command(BaseCommand):
    """Import a file of rates in the European Central Bank's format, whole or not at all."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the file."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default=SOURCE, help="Who published them.")
        parser.add_argument("--dry-run", action="store_true", help="Say what it would bring.")

    def handle(self, *, file: Path, source: str, dry_run: bool, **_options: Any) -> None:
        """Read, say what it brings, and write it."""
        if not file.is_file():
            message = f"{file} is no file"
            raise CommandError(message)
        made = read_rates(
            path=file,
            file_name=file.name,
            source=source,
            today=timezone.localdate(),
        )
        if made.errors:
            lines = [f"line {one['line']}: {one['message']}" for one in made.errors]
            made.delete()
            raise CommandError("\n".join(["Nothing was written.", *lines]))
        self.stdout.write(
            f"{file.name}: {made.created:,} new, {made.corrected:,} corrected, "
            f"{made.unchanged:,} as they are; from {made.source}."
        )
        if dry_run:
            made.delete()
            self.stdout.write("Dry run: nothing was written.")
            return
        apply_rates(made=made, now=timezone.now())
        self.stdout.write("Written.")
