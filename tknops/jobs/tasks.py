"""Celery doors of the jobs."""

from celery import shared_task
from django.utils import timezone

from tknops.jobs import queue
from tknops.jobs.run import run


@shared_task(name=queue.TASK)
def work(job_id: int) -> None:
    """Do a job."""
    run(job_id)


@shared_task(name="tknops.jobs.tasks.sweep")
def sweep() -> None:
    """Ring again for jobs that wait or whose worker fell silent."""
    queue.sweep(now=timezone.now())
