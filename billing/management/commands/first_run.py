"""Command first_run."""

import os
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from billing.demo import build
from customers.models import Customer
from tknops.calendar import last_full_month
from usage.models import UsageBatch


class Command(BaseCommand):
    """Greet the operator: the demo company if empty, the margin of last month, the login."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Do what is missing and print."""
        url = os.environ.get("TKNOPS_URL", "http://127.0.0.1:8000")
        password = self._login()
        today = timezone.localdate()
        if os.environ.get("DEMO") != "0" and self._is_empty():
            self.stdout.write("Creating the demo company (about half a minute) …")
            self.stdout.flush()
            stored = build(url=url, today=today)
            self.stdout.write(f"{stored:,} events stored through {url}/api/v1/events")
        if self._is_empty():
            self.stdout.write("Nothing is loaded yet: sign in and follow the setup.")
        else:
            month = last_full_month(today)
            call_command(
                "margin", by=["customer"], start=str(month.start), end=str(month.end),
                stdout=self.stdout,
            )  # fmt: skip
        self.stdout.write(f"\n{url}/admin/  login: admin  password: {password}")
        self.stdout.write("Ctrl-C stops everything.")

    def _is_empty(self) -> bool:
        return not (UsageBatch.objects.exists() or Customer.objects.exists())

    def _login(self) -> str:
        path = settings.DATA_DIR / "admin_password"
        users = get_user_model()
        if users.objects.filter(username="admin").exists():
            return path.read_text() if path.exists() else "as you set it"
        password = secrets.token_urlsafe(12)
        path.touch(mode=0o600)
        path.write_text(password)
        users.objects.create_superuser("admin", password=password)
        return password
