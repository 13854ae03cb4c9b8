"""Do a job: claim its row, call the work its kind names, record how it ended."""

import logging
from typing import Any

import pghistory
from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from tknops.jobs.models import Job
from tknops.jobs.progress import JobCancelledError, Progress
from tknops.jobs.queue import enqueue

_log = logging.getLogger(__name__)


def start(*, kind: str, arguments: dict[str, Any], user: Any = None, at_once: bool = False) -> Job:
    """Queue a job, or do it now where it is small enough to be waited for; return its row."""
    job = enqueue(kind=kind, arguments=arguments, user=user, ring=not at_once)
    if at_once:
        run(job.pk)
        job.refresh_from_db()
    return job


def run(job_id: int) -> None:
    """Do the job if it is still queued: two workers that hear of it do it once."""
    claimed = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, attempts=F("attempts") + 1, heartbeat_at=timezone.now(), error=""
    )
    if not claimed:
        return
    job = Job.objects.get(pk=job_id)
    work = import_string(settings.JOBS[job.kind])
    try:
        with Progress(job.pk) as progress, pghistory.context(job=job.pk, user=job.created_by_id):
            result = work(progress.report, **job.arguments)
    except JobCancelledError:
        _end(job, Job.State.CANCELLED)
    except ValueError as error:  # what people can mend says how in a sentence
        _end(job, Job.State.FAILED, error=str(error))
    except Exception as error:  # noqa: BLE001 - whatever it was, the row must say so
        _log.exception("job %s failed", job.pk)
        _end(job, Job.State.FAILED, error=f"{type(error).__name__}: {error}")
    else:
        Job.objects.filter(pk=job.pk, total__isnull=False).update(progress=F("total"))
        _end(job, Job.State.DONE, result=result or {})


def _end(job: Job, state: Job.State, **found: object) -> None:
    """Record the end of this attempt, unless the job was given to another worker meanwhile."""
    mine = Job.objects.filter(pk=job.pk, attempts=job.attempts, state=Job.State.RUNNING)
    mine.update(state=state, finished_at=timezone.now(), **found)
