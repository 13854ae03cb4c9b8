"""Command load_usage."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from usage.ingest import Outcome
from usage.loading import LoadReport, Mapping, MappingError, load_file
from usage.loading.reading import guess_format
from usage.models import Source


class Command(BaseCommand):
    """Load files of usage: JSONL, JSON or CSV, also gzipped; loading again stores nothing twice."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take files, their format and the mapping."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=["native", "csv"], help="Default: by the name.")
        parser.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN")
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=CONSTANT")
        parser.add_argument("--timezone", help="Of times without an offset, such as UTC.")
        parser.add_argument("--source", default="files", help="The source they belong to.")

    def handle(self, **options: Any) -> None:
        """Load each file and report."""
        try:
            mapping = Mapping.parse(options["map"], options["set"], options["timezone"])
        except MappingError as error:
            raise CommandError(str(error)) from error
        source, _ = Source.objects.get_or_create(name=options["source"])
        for path in options["files"]:
            try:
                report = load_file(
                    path,
                    source=source,
                    file_format=options["format"] or guess_format(path.name),
                    mapping=mapping,
                    progress=self._progress,
                )
            except (OSError, UnicodeDecodeError) as error:
                message = f"{path} cannot be read: {error}"
                raise CommandError(message) from error
            self._report(path, report)

    def _progress(self, read: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{read:,} rows", ending="")

    def _report(self, path: Path, report: LoadReport) -> None:
        counts = ", ".join(f"{report.counts[outcome]:,} {outcome}" for outcome in Outcome)
        self.stdout.write(f"{path.name}: {counts}")
        for code, count in report.codes.most_common():
            self.stdout.write(f"  {count:,} × {code}")
        for reason in report.reasons:
            self.stdout.write(f"  {reason}")
