"""Sequence gaps: which events of which process of an SDK are not here, to the number."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from billing.pages.access import HEALTH, page
from billing.pages.render import respond
from billing.reports.sdk_processes import process_table
from usage.ingest.said import MAX_PROCESSES
from usage.intake import Arrival, Process, processes


@page(HEALTH)
def sequence_gaps(request: HttpRequest) -> HttpResponse:
    """Show the processes; ?source= and ?state= keep some."""
    source, state = request.GET.get("source", ""), request.GET.get("state", "")
    every = processes(now=timezone.now())
    found = [one for one in every if source in {"", one.source} and state in {"", str(one.state)}]
    return respond(
        request,
        "sequence_gaps",
        title="Sequence gaps",
        table=process_table(found),
        nothing=not every,
        said=sentence(found),
        sources=sorted({one.source for one in every}),
        states=[str(one) for one in Arrival],
        source=source,
        state=state,
        full=_full(every),
        limit=MAX_PROCESSES,
    )


def sentence(found: Sequence[Process]) -> str:
    """Say in a line what is missing."""
    created = sum(one.created for one in found)
    lacking = [one for one in found if one.missing]
    missing = sum(one.missing or 0 for one in lacking)
    waiting = sum(one.on_the_way for one in found)
    dropped = sum(sum(one.dropped.values()) for one in found)
    parts = [
        f"{missing:,} are missing, of {_processes(len(lacking))}" if missing else "",
        f"{waiting:,} may still come" if waiting else "",
        f"{dropped:,} were dropped by the SDKs" if dropped else "",
    ]
    told = "; ".join(filter(None, parts)) or "all of them arrived"
    return f"{_processes(len(found))} created {created:,} events: {told}."


def _processes(count: int) -> str:
    return f"{count:,} process{'' if count == 1 else 'es'}"


def _full(every: Sequence[Process]) -> list[str]:
    """Name the sources whose further processes are not followed."""
    names = [one.source for one in every]
    return sorted(name for name in set(names) if names.count(name) >= MAX_PROCESSES)
