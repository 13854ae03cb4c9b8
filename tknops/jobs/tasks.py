"""The sweeper: jobs whose worker went silent are queued again."""

import datetime as dt

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from tknops.jobs.models import Job

SILENCE = dt.timedelta(minutes=5)


@shared_task(name="tknops.jobs.tasks.sweep")
def sweep() -> None:
    """Queue running jobs again whose heartbeat stopped."""
    since = timezone.now() - SILENCE
    stale = Job.objects.filter(state=Job.State.RUNNING).filter(
        Q(heartbeat_at=None) | Q(heartbeat_at__lt=since)
    )
    stale.update(state=Job.State.QUEUED)
