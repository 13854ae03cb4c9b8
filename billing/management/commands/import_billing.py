"""Command import_billing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.importers import (
    ImportRefusedError,
    apply_import,
    checked,
    give_up,
    look,
    receive,
    stage,
)
from billing.importers.closed_months import Touched
from billing.importers.style import Style
from billing.models import BillingImport


class Command(BaseCommand):
    """Import a billing file by its profile or a saved mapping: all rows or none."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and its profile."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--profile", required=True, help="A profile, a saved mapping, or auto: by its columns."
        )
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--decimal", choices=list(Style.DECIMALS), help="Where not plain.")
        parser.add_argument("--dates", choices=list(Style.DATES), help="Where not plain.")
        parser.add_argument("--accounting", action="store_true", help="(1.00) is below 0.")
        parser.add_argument(
            "--replace", action="store_true", help="Take the place of invoices that differ."
        )
        parser.add_argument(
            "--refuse-closed", action="store_true", help="Refuse a file that touches closed months."
        )

    def handle(self, *, file: Path, profile: str, dry_run: bool, **options: Any) -> None:
        """Stage, show, then apply."""
        try:
            made = receive(
                path=file, file_name=file.name, profile=profile, reading=checked(options)
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            message = f"{file} cannot be read: {error}"
            raise CommandError(message) from error
        made = stage(made=made, path=file)
        self._show(made)
        if made.state != BillingImport.State.STAGED:
            message = f"{made.error_count:,} errors; nothing was written"
            if made.state == BillingImport.State.ASKING:
                message += f"; say {', '.join(made.asks)}, here or on the page Import billing"
            give_up(made=made)
            raise CommandError(message)
        if dry_run:
            give_up(made=made)
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
        for event in found.events:
            self.stdout.write(
                f"  {event.month:%Y-%m}  {event.count:>8,} {event.kind:<12} "
                f"{event.money:>14,} {event.currency}"
            )
        for one in found.left_out:
            self.stdout.write(
                f"  left out: {one.rows:,} {one.reason}, {one.money:,} {one.currency}"
            )
        if found.closed:
            self._show_closed(found.closed)
        if found.seen:
            seen = found.seen
            self.stdout.write(
                f"This file was imported before: {seen}, {seen.applied_at:%Y-%m-%d %H:%M} by "
                f"{seen.sender}."
            )
        for warning in made.warnings:
            self.stderr.write(f"line {warning['line']}: warning: {warning['message']}")
        for error in made.errors:
            self.stderr.write(f"line {error['line']}: {error['message']}")

    def _show_closed(self, closed: Touched) -> None:
        self.stdout.write(f"{closed}: adjustments of {closed.posted:%Y-%m}")
        for one in closed.totals:
            money = "" if one.revenue is None else f"{one.revenue:>16,} {one.currency}"
            self.stdout.write(f"  {one.month:%Y-%m}  {one.rows:>8,} {one.what:<20} {money}")
