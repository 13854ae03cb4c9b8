"""Command margin."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from billing.margin import margin
from billing.margin.query import NOW, THEN, attributes_day
from billing.margin.rendering import as_csv, as_dict, as_json
from billing.margin.report import MarginReport
from billing.measures import COST_BASES, is_dated
from tknops.calendar import parse_period
from tknops.money import round_half_up

_MONEY = ("cost", "revenue", "margin", "margin_pct")
_LOADED = ("allocated_cost", "loaded_margin", "loaded_margin_pct")


class Command(BaseCommand):
    """The margin report in a terminal."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take dimensions, range and format."""
        parser.add_argument("--by", action="append", default=[], metavar="DIMENSION")
        parser.add_argument("--start", required=True, help="Inclusive: 2026-10 or 2026-10-05.")
        parser.add_argument("--end", required=True, help="Exclusive.")
        parser.add_argument(
            "--attributes",
            choices=[THEN, NOW],
            default=THEN,
            help="Attributes and groups as they were on each day, or as they are today.",
        )
        parser.add_argument("--basis", choices=list(COST_BASES), default="contracted")
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table")

    def handle(self, **options: Any) -> None:
        """Ask and print."""
        try:
            period = parse_period(options["start"], options["end"])
            day = attributes_day(options["attributes"], today=timezone.localdate())
            report = margin(
                by=options["by"],
                period=period,
                basis=options["basis"],
                attributes_on=day,
                whole=True,
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(as_json(report), indent=1))
        elif options["format"] == "csv":
            self.stdout.write(as_csv(report), ending="")
        else:
            self._table(report)

    def _table(self, report: MarginReport) -> None:
        borne = any(row.allocated_cost for row in report.rows)
        names = (*_MONEY, *_LOADED) if borne else _MONEY
        lines = [[*report.by, "events", *names, "unpriced_events"]]
        ordered = sorted(report.rows, key=lambda row: (row.margin is None, row.margin or 0))
        for row in [*ordered, report.total]:
            figures = as_dict(report, row)
            shown = [
                report.labels.get(name, {}).get(figures.get(name, ""), figures.get(name, "Total"))
                for name in report.by
            ]
            money = [
                "—" if getattr(row, name) is None else f"{round_half_up(getattr(row, name), 2):,}"
                for name in names
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
        if any(is_dated(name) for name in report.by):
            on = report.attributes_on
            read = f"as they are on {on}" if on else "as they were on each day"
            self.stdout.write(f"Attributes {read}.")
        self.stdout.write(
            f"Money in {report.currency}; cost by {COST_BASES[report.cost_basis]}. "
            f"Usage received up to {as_of}."
        )
        for code, amount in report.unconverted_allocated.items():
            self.stdout.write(f"Left out: {amount:,} {code} of shared cost, unconverted.")
