"""Put work into the queue, ask it to stop, queue again what a dead worker left."""

import datetime as dt
import logging
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tknops.jobs.models import Job

TASK = "tknops.jobs.tasks.work"
QUEUE = "jobs"
SILENCE = dt.timedelta(minutes=5)
UNHEARD = dt.timedelta(seconds=30)
MOST_ATTEMPTS = 3
_log = logging.getLogger(__name__)


def enqueue(*, kind: str, arguments: dict[str, Any], user: Any = None, ring: bool = True) -> Job:
    """Create a job of a kind declared in settings.JOBS and ring for a worker after the commit.

    Without `ring` the caller means to run it himself. Raises ValueError if there is no such kind.
    """
    if kind not in settings.JOBS:
        message = f"{kind!r} is not a kind of job; known: {', '.join(settings.JOBS)}"
        raise ValueError(message)
    job = Job.objects.create(kind=kind, arguments=arguments, created_by=user)
    if ring:
        transaction.on_commit(lambda: _ring(job.pk))
    return job


def ask_to_cancel(*, job: Job) -> None:
    """End a queued job; ask a running one to stop at its next report."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    if not waiting.update(state=Job.State.CANCELLED, finished_at=now):
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked_at=now)


def sweep(*, now: dt.datetime) -> int:
    """Ring again for jobs nobody heard of or whose worker fell silent; return how many.

    After three attempts a job has failed: work that kills its worker must not run for ever.
    """
    silent = Job.objects.filter(state=Job.State.RUNNING).filter(
        Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - SILENCE)
    )
    silent.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=Job.State.FAILED,
        finished_at=now,
        error=f"The worker died {MOST_ATTEMPTS} times while doing this.",
    )
    silent.update(state=Job.State.QUEUED)
    waiting = Job.objects.filter(state=Job.State.QUEUED, created_at__lt=now - UNHEARD)
    numbers = list(waiting.order_by("pk").values_list("pk", flat=True))
    for number in numbers:
        _ring(number)
    return len(numbers)


def _ring(job_id: int) -> None:
    """Tell a worker; if the broker is away the sweeper rings again."""
    try:
        current_app.send_task(TASK, args=[job_id], queue=QUEUE, ignore_result=True)
    except Exception:  # noqa: BLE001 - every broker raises errors of its own; the row is the truth
        _log.warning("broker unreachable, job %s waits for the sweeper", job_id)
