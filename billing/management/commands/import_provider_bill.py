"""Command import_provider_bill."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Sum

from billing.models import ProviderImport
from billing.provider_bills import AUTO, FORMATS, give_up_bill, receive_bill, start_bill
from tknops.jobs.models import Job

_CHUNK = 1 << 20


class Command(BaseCommand):
    """Import the files of one bill of a provider: all of it or nothing."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the files and what is said with them."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--format", dest="form", choices=[AUTO, *FORMATS], default=AUTO,
            help="Else told by what is in the file.",
        )  # fmt: skip
        parser.add_argument("--provider", default="", help="Where the files name none.")
        parser.add_argument("--total", default="", help="On the invoice, such as 8120.40.")
        parser.add_argument("--rate", default="", help="Reporting currency a unit, as it was paid.")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *, files: list[Path], dry_run: bool, **given: Any) -> None:
        """Read here, show, and let it count."""
        said = {name: given[name] for name in ("form", "provider", "total", "rate")}
        try:
            made = receive_bill(files=[(_chunks(path), path.name) for path in files], **said)
        except ValueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            message = f"{error.filename} cannot be read: {error.strerror}"
            raise CommandError(message) from error
        job = start_bill(made=made, whole=not dry_run, wait=True)
        made.refresh_from_db()
        self._show(made)
        self._end(made, job, dry_run=dry_run)

    def _show(self, made: ProviderImport) -> None:
        for one in made.invoices.order_by("provider_code", "month", "pk"):
            billed = one.lines.aggregate(cost=Sum("billed_cost"))["cost"]
            cost = "no cost" if billed is None else f"{billed.normalize():,f} {one.currency}"
            self.stdout.write(
                f"  {one.provider_code} {one.month:%Y-%m}  {one.get_source_display()}  {cost}"
            )
        for note in made.notes:
            self.stderr.write(f"note: {note}")
        for error in made.errors:
            self.stderr.write(f"line {error['line']}: {error['message']}")

    def _end(self, made: ProviderImport, job: Job, *, dry_run: bool) -> None:
        """Say what came of it; what does not count is not kept. Raises CommandError."""
        if made.state == ProviderImport.State.APPLIED:
            self.stdout.write(f"Import {made.pk}: {made.lines:,} lines count")
            return
        staged = made.state == ProviderImport.State.STAGED
        give_up_bill(made=made)
        if dry_run and staged:
            self.stdout.write(f"Dry run: {made.lines:,} lines read, nothing was written.")
            return
        why = job.error or job.result.get("refused") or f"{len(made.errors):,} errors"
        message = f"{why}; nothing was written"
        raise CommandError(message)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
