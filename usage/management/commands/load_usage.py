"""Command load_usage."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError

from usage.ingest import Outcome
from usage.loading import FORMATS, FileError, LoadReport, Mapping, MappingError, load_file
from usage.loading.reading import guess_format
from usage.models import Source


class Command(BaseCommand):
    """Load files of usage: JSONL, JSON, CSV, Parquet, also gzipped; again stores nothing twice."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take files, their format and the mapping."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--format", choices=FORMATS, help="Default: native or a CSV of it.")
        parser.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN")
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=CONSTANT")
        parser.add_argument("--timezone", help="Of times without an offset, such as UTC.")
        parser.add_argument("--source", default="files", help="The source they belong to.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be; store none.")

    def handle(self, **options: Any) -> None:
        """Load each file and report."""
        try:
            mapping = Mapping.parse(options["map"], options["set"], options["timezone"])
        except MappingError as error:
            raise CommandError(str(error)) from error
        source, _ = Source.objects.get_or_create(name=options["source"])
        for path in options["files"]:
            report = self._load(path, source, mapping, options)
            self._report(path, report, dry_run=options["dry_run"])

    def _load(
        self, path: Path, source: Source, mapping: Mapping, options: dict[str, Any]
    ) -> LoadReport:
        try:
            size = path.stat().st_size
            with click.progressbar(
                length=size, label=path.name, file=sys.stderr, show_eta=True, show_percent=True
            ) as bar:
                return load_file(
                    path,
                    source=source,
                    file_format=options["format"] or guess_format(path.name),
                    mapping=mapping,
                    progress=lambda behind: bar.update(behind - bar.pos),
                    dry_run=options["dry_run"],
                )
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror}"
            raise CommandError(message) from error
        except FileError as error:
            message = f"{error}; what stood before it is stored, loading again adds the rest."
            raise CommandError(message) from error
        except DatabaseError as error:
            message = f"The ledger cannot be written ({type(error).__name__}); load again later."
            raise CommandError(message) from error

    def _report(self, path: Path, report: LoadReport, *, dry_run: bool) -> None:
        counts = ", ".join(f"{report.counts[outcome]:,} {outcome}" for outcome in Outcome)
        note = " (dry run: nothing was stored)" if dry_run else ""
        self.stdout.write(f"{path.name}: {counts}{note}")
        self._lines("rejected", report.codes)
        for reason in report.reasons:
            self.stdout.write(f"    {reason}")
        self._lines("ignored", report.ignored)
        self._lines("unattributed", report.unattributed)
        self._lines("unpriced", report.unpriced)

    def _lines(self, title: str, counts: Counter[str]) -> None:
        if counts:
            self.stdout.write(f"  {counts.total():,} {title}:")
        for reason, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:20]:
            self.stdout.write(f"    {count:,} × {reason}")
