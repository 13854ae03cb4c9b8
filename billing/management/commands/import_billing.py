"""Command import_billing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.importers import PROFILES, ImportRefusedError, apply_import, look, receive, stage
from billing.models import BillingImport


class Command(BaseCommand):
    """Import a billing file by its profile: all rows or none."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and its profile."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--profile", choices=list(PROFILES), required=True)
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *, file: Path, profile: str, dry_run: bool, **_options: Any) -> None:
        """Stage, show, then apply."""
        try:
            made = receive(path=file, file_name=file.name, profile=profile)
        except OSError as error:
            message = f"{file} cannot be read: {error}"
            raise CommandError(message) from error
        made = stage(made=made, path=file)
        self._show(made)
        if made.state == BillingImport.State.REFUSED:
            message = f"{made.error_count:,} errors; nothing was written"
            made.delete()
            raise CommandError(message)
        if dry_run:
            made.delete()
            self.stdout.write("Dry run: nothing was written.")
            return
        try:
            made = apply_import(made=made)
        except ImportRefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Import {made.pk}: {made.created:,} new, {made.unchanged:,} unchanged")

    def _show(self, made: BillingImport) -> None:
        found = look(made)
        self.stdout.write(
            f"{made.rows:,} rows: {found.lines:,} invoice lines, {found.subscriptions:,} "
            f"subscriptions, {found.customers:,} customers ({found.new_customers:,} new)"
        )
        for month in found.months:
            self.stdout.write(
                f"  {month.month:%Y-%m}  {month.lines:>8,} lines  "
                f"{month.revenue:>16,} {month.currency}"
            )
        if found.seen:
            self.stdout.write(f"This file was imported before: {found.seen}.")
        for warning in made.warnings:
            self.stderr.write(f"line {warning['line']}: warning: {warning['message']}")
        for error in made.errors:
            self.stderr.write(f"line {error['line']}: {error['message']}")
