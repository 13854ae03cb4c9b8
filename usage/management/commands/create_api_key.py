"""Command create_api_key."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from usage.keys import KeyNotCreatedError, create_key
from usage.models import ApiKey, Source


class Command(BaseCommand):
    """Create an API key and print it once, alone on the last line."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source, scopes, a name and the days it lives."""
        parser.add_argument("--source", required=True)
        parser.add_argument("--scope", action="append", choices=ApiKey.Scope.values, required=True)
        parser.add_argument(
            "--name",
            default="",
            help="Where it is used; rules and reports know it by this.",
        )
        parser.add_argument("--expires-in-days", type=int, metavar="DAYS", help="Default: never.")

    def handle(self, *, source: str, scope: list[str], name: str, **options: Any) -> None:
        """Create it (and the source, if it is new)."""
        found, created = Source.objects.get_or_create(name=source)
        now, days = timezone.now(), options["expires_in_days"]
        expires_at = None if days is None else now + dt.timedelta(days=days)
        try:
            key = create_key(source=found, scopes=scope, now=now, name=name, expires_at=expires_at)
        except KeyNotCreatedError as error:
            raise CommandError(str(error)) from error
        note = "new source" if created else "source"
        self.stdout.write(f"Key of {note} {source} for {', '.join(scope)}; it is shown only now:")
        self.stdout.write(key)
