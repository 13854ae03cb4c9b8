"""Command sync_prices."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.reports.reprice import preview
from billing.templatetags.money import exact_change
from tknops.calendar import last_full_month
from tknops.money import divide
from usage.pricing.catalogue import Catalogue, read_catalogue
from usage.repricing import PriceFileError, Synced, read_price_file, sync_prices
from usage.repricing.compare import Line
from usage.repricing.decide import plain
from usage.repricing.sync import change_of

_SIGNS = {"ADD": "+", "CHANGE": "~", "WITHDRAW": "-"}
_SHOWN = 40


class Command(BaseCommand):
    """Bring the price book to the installed catalogue's state, or to a price file's."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --from and --dry-run."""
        parser.add_argument(
            "--from",
            dest="file",
            type=Path,
            help="LiteLLM's price map, a genai-prices data file or a price CSV.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Show the diff, write nothing.")

    def handle(self, *, file: Path | None, dry_run: bool, **options: Any) -> None:
        """Sync and print the diff."""
        try:
            catalogue = read_price_file(file) if file else read_catalogue()
        except PriceFileError as error:
            raise CommandError(str(error)) from error
        found = sync_prices(catalogue=catalogue, now=timezone.now(), dry_run=dry_run)
        self._waiting(found, all_lines=options["verbosity"] > 1)
        self._left_out(catalogue)
        self._summary(found, dry_run=dry_run)

    def _waiting(self, found: Synced, *, all_lines: bool) -> None:
        lines = found.comparison.lines if all_lines else found.waiting
        by_model: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in lines:
            by_model[line.model].append(line)
        shown = sorted(by_model)[: None if all_lines else _SHOWN]
        for model in shown:
            self.stdout.write(" ".join(model))
            for line in by_model[model]:
                self.stdout.write(f"  {_SIGNS[line.action]} {_text(line)}")
        if len(by_model) > len(shown):
            self.stdout.write(f"… and {len(by_model) - len(shown)} more models; -v 2 lists all")
        if found.waiting:
            month = last_full_month(timezone.localdate())
            change = change_of(found.waiting)
            moved = exact_change(preview(change, period=month).total)
            self.stdout.write(f"Prices in use: {moved} of AI cost in {month.start:%B %Y}")

    def _left_out(self, catalogue: Catalogue) -> None:
        for reason, number in sorted(catalogue.left_out.items()):
            self.stdout.write(f"left out: {number} × {reason}")

    def _summary(self, found: Synced, *, dry_run: bool) -> None:
        lines, same = found.comparison.lines, found.comparison
        counts = {action: sum(line.action == action for line in lines) for action in _SIGNS}
        self.stdout.write(
            f"{counts['ADD']} prices added, {counts['CHANGE']} changed, "
            f"{counts['WITHDRAW']} superseded, {same.unchanged} unchanged, "
            f"{same.kept_by_hand} by hand kept, {found.aliases} aliases"
            + (" (dry run: nothing written)" if dry_run else "")
        )
        if found.waiting and not dry_run:
            where = f": /admin/price-changes/{found.proposal.pk}" if found.proposal else " already"
            self.stdout.write(f"{len(found.waiting)} of them wait for approval{where}")


def _text(line: Line) -> str:
    price = line.price
    words = [
        price.get_token_class_display(), price.unit, price.service_tier, price.region,
        f"above {price.threshold:,}" if price.threshold else "", price.price_window,
        f"from {price.valid_from}" if price.valid_from else "",
    ]  # fmt: skip
    figure = plain(price.per_million)
    if line.action == "CHANGE" and line.replaces:
        before = line.replaces.per_million
        factor = divide(price.per_million, before, 4)
        times = f" (× {plain(factor)})" if factor is not None else ""
        figure = f"{plain(before)} → {figure}{times}"
    return f"{', '.join(filter(None, map(str, words)))}: {figure} {price.currency}"
