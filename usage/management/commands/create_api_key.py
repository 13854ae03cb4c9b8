"""Command create_api_key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from usage.keys import create_key
from usage.models import ApiKey, Source


class Command(BaseCommand):
    """Create an API key and print it once, alone on the last line."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the source and scopes."""
        parser.add_argument("--source", required=True)
        parser.add_argument("--scope", action="append", choices=ApiKey.Scope.values, required=True)

    def handle(self, *, source: str, scope: list[str], **_options: Any) -> None:
        """Create it (and the source, if it is new)."""
        found, created = Source.objects.get_or_create(name=source)
        try:
            key = create_key(source=found, scopes=scope)
        except ValueError as error:
            raise CommandError(str(error)) from error
        note = "new source" if created else "source"
        self.stdout.write(f"Key of {note} {source} for {', '.join(scope)}; it is shown only now:")
        self.stdout.write(key)
