"""Command margin."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.margin import margin
from billing.margin.rendering import as_csv, as_dict, as_json
from billing.margin.report import MarginReport
from billing.measures import COST_BASES
from tknops.calendar import parse_period
from tknops.money import round_half_up

_SHOWN = ("events", "cost", "revenue", "margin", "margin_pct", "unpriced_events")


class Command(BaseCommand):
    """The margin report in a terminal."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take dimensions, range and format."""
        parser.add_argument("--by", action="append", default=[], metavar="DIMENSION")
        parser.add_argument("--start", required=True, help="Inclusive: 2026-10 or 2026-10-05.")
        parser.add_argument("--end", required=True, help="Exclusive.")
        parser.add_argument("--basis", choices=list(COST_BASES), default="contracted")
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table")

    def handle(self, **options: Any) -> None:
        """Ask and print."""
        try:
            period = parse_period(options["start"], options["end"])
            report = margin(by=options["by"], period=period, basis=options["basis"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(as_json(report), indent=1))
        elif options["format"] == "csv":
            self.stdout.write(as_csv(report), ending="")
        else:
            self._table(report)

    def _table(self, report: MarginReport) -> None:
        lines = [[*report.by, *_SHOWN]]
        ordered = sorted(report.rows, key=lambda row: (row.margin is None, row.margin or 0))
        for row in [*ordered, report.total]:
            figures = as_dict(report, row)
            shown = [
                report.labels.get(name, {}).get(figures.get(name, ""), figures.get(name, "Total"))
                for name in report.by
            ]
            money = [
                "—" if getattr(row, name) is None else f"{round_half_up(getattr(row, name), 2):,}"
                for name in ("cost", "revenue", "margin", "margin_pct")
            ]
            lines.append([*shown, f"{row.events:,}", *money, f"{row.unpriced_events:,}"])
        widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
        for line in lines:
            cells = [
                cell.ljust(width) if i < len(report.by) else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            ]
            self.stdout.write("  ".join(cells).rstrip())
        as_of = f"{report.as_of:%Y-%m-%d %H:%M %Z}" if report.as_of else "never"
        self.stdout.write(
            f"Money in {report.currency}; cost by {COST_BASES[report.cost_basis]}. "
            f"Usage received up to {as_of}."
        )
