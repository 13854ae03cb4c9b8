"""Celery doors of the usage app: one domain call each."""

from celery import shared_task
from django.utils import timezone

from usage import cube, intake


@shared_task(name="usage.tasks.fold")
def fold() -> None:
    """Bring accepted usage into the cube."""
    cube.fold()


@shared_task(name="usage.tasks.forget_processes")
def forget_processes() -> None:
    """Forget processes of SDKs that are complete and long silent."""
    intake.forget_complete(now=timezone.now())
