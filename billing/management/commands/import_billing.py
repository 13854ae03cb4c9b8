"""Command import_billing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.importers import PROFILES, apply_import, preview
from billing.importers.apply import ImportRefusedError


class Command(BaseCommand):
    """Import a billing file by its profile: all rows or none."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and its profile."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--profile", choices=list(PROFILES), required=True)
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *, file: Path, profile: str, dry_run: bool, **_options: Any) -> None:
        """Preview, then apply."""
        try:
            found = preview(content=file.read_bytes(), file_name=file.name, profile=profile)
            for currency, total in sorted(found.totals.items()):
                self.stdout.write(f"{len(found.records):,} rows, {total:,} {currency}")
            for error in found.errors:
                self.stderr.write(f"line {error.line}: {error.message}")
            if found.errors:
                message = f"{len(found.errors)} errors; nothing was written"
                raise CommandError(message)
            if dry_run:
                self.stdout.write("Dry run: nothing was written.")
                return
            made = apply_import(found=found)
        except OSError as error:
            message = f"{file} cannot be read: {error}"
            raise CommandError(message) from error
        except ImportRefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Import {made.pk}: {made.created} new, {made.unchanged} unchanged")
