"""Command close_month."""

import datetime as dt
import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.closing import ClosingError, Preview, close_month, preview, sign
from billing.margin.rendering import as_text
from tknops.calendar import parse_bound


class Command(BaseCommand):
    """Close a month: its figures are frozen and never change again."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the month, signatures, and whether to look only."""
        parser.add_argument("month", help="such as 2026-10")
        parser.add_argument(
            "--sign",
            action="append",
            default=[],
            metavar="CHECK: NOTE",
            help="take what a check finds as it is, e.g. --sign 'prices: models of a test'",
        )
        parser.add_argument("--as", dest="named", default="", help="who signs; default: you")
        parser.add_argument("--dry-run", action="store_true", help="show, close nothing")

    def handle(
        self, *, month: str, sign: list[str], named: str, dry_run: bool, **_options: Any
    ) -> None:
        """Show, sign, close."""
        now = timezone.now()
        try:
            first = parse_bound(month)
            found = preview(first, now=now)
            if not dry_run and sign:
                _sign(first, sign, named or getpass.getuser())
                found = preview(first, now=now)
            self._show(found)
            if dry_run:
                self.stdout.write("Dry run: nothing was closed.")
                return
            made = close_month(month=first, now=now)
        except (ClosingError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Closed {made}: {made.manifest['rows']:,} rows in {made.file_name}, "
            f"sha256 {made.file_sha256}, manifest {made.sha256}"
        )

    def _show(self, found: Preview) -> None:
        report = found.report
        for row in [*report.rows, report.total]:
            what = row.key[0] if row.key else "total"
            figures = ((row.revenue, "revenue"), (row.cost, "AI cost"), (row.margin, "margin"))
            shown = ", ".join(f"{as_text(value) or '—'} {name}" for value, name in figures)
            self.stdout.write(f"{what}: {row.events:,} calls, {shown} {report.currency}")
        for one in found.checks:
            state = "ok" if one.finding.ok else "signed" if one.settled else "OPEN"
            by = f" — {one.signature.signed_name}: {one.signature.note}" if one.signature else ""
            self.stdout.write(f"  {state:<7} {one.check.name:<14} {one.finding.text}{by}")


def _sign(month: dt.date, texts: list[str], named: str) -> None:
    for text in texts:
        name, colon, note = text.partition(":")
        if not colon:
            message = f"--sign {text!r}: expected 'check: note'"
            raise CommandError(message)
        sign(month=month, name=name.strip(), note=note, signed_name=named)
