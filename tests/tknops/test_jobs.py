"""Jobs: done once in effect, seen while they run, stopped when asked, picked up after a death."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from tknops.jobs import queue
from tknops.jobs.models import Job
from tknops.jobs.progress import Progress
from tknops.jobs.run import run, start

BASE = Path(__file__).parent.parent.parent
DONE: list[str] = []


def note(report, *, word):
    report(1, 2)
    DONE.append(word)
    return {"word": word}


def complain(_report):
    message = "the file has no rows"
    raise ValueError(message)


def break_down(_report):
    raise RuntimeError


def ask_and_go_on(report, *, job):
    queue.ask_to_cancel(job=Job.objects.get(pk=job))
    report(1, 2)
    DONE.append("not reached")


@pytest.fixture(autouse=True)
def _kinds(settings):
    DONE.clear()
    here = __name__
    settings.JOBS = {
        name.replace("_", "-"): f"{here}.{name}"
        for name in ("note", "complain", "break_down", "ask_and_go_on", "taken_over")
    }


@pytest.mark.django_db
def test_a_job_is_done_once_however_often_it_is_heard_of():
    job = start(kind="note", arguments={"word": "a"}, at_once=True)
    run(job.pk)
    assert DONE == ["a"]
    assert (job.state, job.result, job.attempts) == ("DONE", {"word": "a"}, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "error"), [("complain", "the file has no rows"), ("break-down", "RuntimeError: ")]
)
def test_a_failure_says_why(kind, error):
    job = start(kind=kind, arguments={}, at_once=True)
    assert (job.state, job.error) == ("FAILED", error)


def taken_over(report, *, job):
    Job.objects.filter(pk=job).update(attempts=2)
    return {"late": True}


@pytest.mark.django_db
def test_a_worker_that_was_given_up_does_not_end_the_job_of_another():
    job = queue.enqueue(kind="taken-over", arguments={}, ring=False)
    Job.objects.filter(pk=job.pk).update(arguments={"job": job.pk})
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == ("RUNNING", {})


@pytest.mark.django_db
def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'nothing' is not a kind of job; known: note, complain"):
        queue.enqueue(kind="nothing", arguments={})


@pytest.mark.django_db
def test_a_queued_job_is_cancelled_at_once_and_never_done():
    job = queue.enqueue(kind="note", arguments={"word": "a"}, ring=False)
    queue.ask_to_cancel(job=job)
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, DONE) == ("CANCELLED", [])


@pytest.mark.django_db(transaction=True)
def test_a_running_job_hears_the_wish_to_stop_over_its_own_connection():
    job = queue.enqueue(kind="ask-and-go-on", arguments={}, ring=False)
    Job.objects.filter(pk=job.pk).update(arguments={"job": job.pk})
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, DONE) == ("CANCELLED", [])


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_before_the_work_commits():
    job = queue.enqueue(kind="note", arguments={"word": "a"}, ring=False)
    with Progress(job.pk) as progress:
        progress.report(30, 120)
        job.refresh_from_db()
    assert (job.progress, job.total, job.percent) == (30, 120, 25)


@pytest.mark.django_db
def test_the_sweeper_queues_what_a_dead_worker_left_and_gives_up_after_three_attempts():
    now = timezone.now()
    long_ago = now - dt.timedelta(minutes=6)
    left, hopeless, alive = (
        Job.objects.create(kind="note", state="RUNNING", attempts=n, heartbeat_at=at)
        for n, at in ((1, long_ago), (3, long_ago), (1, now))
    )
    Job.objects.update(created_at=long_ago)
    assert queue.sweep(now=now) == 1
    states = [Job.objects.get(pk=one.pk).state for one in (left, hopeless, alive)]
    assert states == ["QUEUED", "FAILED", "RUNNING"]


def test_threads_of_the_web_server_ring_at_the_configured_broker():
    asked = (
        "import threading, tknops.wsgi\n"
        "from celery import current_app\n"
        "say = lambda: print(current_app.conf.broker_url)\n"
        "thread = threading.Thread(target=say); thread.start(); thread.join()\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=BASE, capture_output=True, text=True, check=False
    )
    assert found.stdout.split() == ["filesystem://"], found.stderr
