"""Celery doors of the billing app: one domain call each."""

from celery import shared_task
from django.utils import timezone

from billing.importers import expire, start_pull


@shared_task(name="billing.tasks.expire_imports")
def expire_imports() -> None:
    """Give up imports nobody came back to."""
    expire(now=timezone.now())


@shared_task(name="billing.tasks.pull_stripe")
def pull_stripe() -> None:
    """Fetch what Stripe has billed since the last time."""
    start_pull(now=timezone.now())
