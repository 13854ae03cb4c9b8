"""Celery doors of the usage app: one domain call each."""

from celery import shared_task

from usage import cube


@shared_task(name="usage.tasks.fold")
def fold() -> None:
    """Bring accepted usage into the cube."""
    cube.fold()
