"""Command reprice."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.reports.compared import Move
from billing.reports.reprice import Preview, preview
from billing.templatetags.money import exact_change, exact_money
from usage.models import PriceProposal, PriceRevision
from usage.pricing import PriceChange
from usage.repricing import RevertError, approve, revert
from usage.repricing.decide import approving
from usage.repricing.revert import reverting


class Command(BaseCommand):
    """Put a proposal of prices in force, or take a revision back, once its money was shown."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to apply and --dry-run."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--proposal", type=int, help="The number sync_prices printed.")
        what.add_argument("--revert", type=int, help="The number of a revision of the price book.")
        parser.add_argument(
            "--confirm",
            action="store_true",
            help="Figures ten times those before, or a tenth, are right.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Show the money, change nothing."
        )

    def handle(self, *, dry_run: bool, confirm: bool, **options: Any) -> None:
        """Show what moves, then apply."""
        if options["proposal"] is not None:
            self._approve(options["proposal"], confirm=confirm, dry_run=dry_run)
        else:
            self._revert(options["revert"], dry_run=dry_run)

    def _approve(self, number: int, *, confirm: bool, dry_run: bool) -> None:
        proposal = PriceProposal.objects.filter(pk=number).first()
        if proposal is None or proposal.state != PriceProposal.State.OPEN:
            message = f"proposal {number} is not open; sync_prices prints the number of one"
            raise CommandError(message)
        lines = list(proposal.lines.filter(decision="OPEN").select_related("replaces"))
        self._show(approving(lines))
        if dry_run:
            return
        keys = [line.pk for line in lines]
        try:
            made = approve(
                proposal=proposal,
                lines=keys,
                confirmed=keys if confirm else (),
                user=None,
                now=timezone.now(),
            )
        except ValueError as error:
            message = f"{error}. --confirm says they are right."
            raise CommandError(message) from error
        self.stdout.write(f"Applied as revision {made.pk if made else '—'}.")

    def _revert(self, number: int, *, dry_run: bool) -> None:
        revision = PriceRevision.objects.filter(pk=number).first()
        if revision is None:
            message = f"there is no revision {number} of the price book"
            raise CommandError(message)
        try:
            self._show(reverting(revision))
            if not dry_run:
                made = revert(revision=revision, user=None, now=timezone.now())
                self.stdout.write(f"Taken back as revision {made.pk}.")
        except RevertError as error:
            raise CommandError(str(error)) from error

    def _show(self, change: PriceChange) -> None:
        found = preview(change)
        for head, moves in _parts(found):
            self.stdout.write(head)
            for move in moves:
                self.stdout.write(
                    f"  {' '.join(move.key)}: {exact_money(move.before)} → "
                    f"{exact_money(move.after)} ({exact_change(move.moved)})" + _unpriced(move)
                )
        self.stdout.write(f"Money moved: {exact_change(found.total)}")


def _parts(found: Preview) -> list[tuple[str, list[Move]]]:
    return [
        ("By month", found.by_month),
        ("By model", found.by_model),
        ("By customer", found.by_customer),
    ]


def _unpriced(move: Move) -> str:
    if move.unpriced_before == move.unpriced_after:
        return ""
    return f", unpriced calls {move.unpriced_before:,} → {move.unpriced_after:,}"
