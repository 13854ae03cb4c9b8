"""Command setup_installation."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from billing.roles import ensure_roles
from usage.models import Price


class Command(BaseCommand):
    """Make a migrated database ready: static files, roles and the price book."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Do what is missing."""
        call_command("collectstatic", interactive=False, verbosity=0)
        ensure_roles()
        if not Price.objects.exists():
            call_command("sync_prices", stdout=self.stdout)
