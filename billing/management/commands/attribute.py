"""Command attribute."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from billing.margin.rendering import as_text
from billing.reports.reattributed import Moves, preview_rules, rules_waiting, run_moves
from usage.attribution import apply_rules


class Command(BaseCommand):
    """Apply the rules as edited; say what moves per customer and month."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help="Show it, write nothing.")

    def handle(self, *, dry_run: bool, **_options: Any) -> None:
        """Attribute and print."""
        for name in rules_waiting():
            self.stdout.write(f"rule waiting: {name}")
        if dry_run:
            self._print(preview_rules())
            self.stdout.write("dry run: nothing written")
        else:
            run = apply_rules(reason="command attribute")
            self._print(run_moves(run))
            self.stdout.write(f"run {run.pk}, revision {run.rule_revision_id}")

    def _print(self, found: Moves) -> None:
        lines: list[tuple[str, ...]] = [("customer", "month", "before", "after", "moved", "events")]
        for move in found.of("customer"):
            figures = [as_text(one) or "" for one in (move.before, move.after, move.moved)]
            lines.append((move.key, move.month, *figures, f"{move.events:+,}"))
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        for line in lines if len(lines) > 1 else []:
            cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
            self.stdout.write("  ".join(cells).rstrip())
        for conflict in found.conflicts:
            self.stdout.write(
                f"conflict: {conflict.first.name} before {conflict.second.name} over "
                f"{conflict.effect}, {conflict.contexts:,} contexts"
            )
        for left in found.left:
            self.stdout.write(
                f"without a {left.dimension}: {as_text(left.before)} before, "
                f"{as_text(left.after)} after"
            )
        self.stdout.write(
            f"{found.contexts:,} contexts changed, {found.events:,} events, "
            f"{as_text(found.moved)} {settings.REPORTING_CURRENCY} moved"
        )
