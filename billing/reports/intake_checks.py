"""Is what arrives sound? Checks of usage itself: no figure of money."""

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse

from billing.reports.check import Check, State, by_size
from usage.intake import (
    Flow,
    alerts,
    backlog,
    expiring_keys,
    exposed_keys,
    rejected_codes,
    tag_use,
)
from usage.models import ApiKey, BatchAlert

DAYS = 30


def data_checks(found: list[Flow], *, now: dt.datetime) -> list[Check]:
    """Check what arrives, without any figure of money."""
    return [
        _silent(found), _rejected(found, now), _conflicts(found), _folding(now), _tags(),
        *_privacy(now), _exposed(now), _expiring(now),
    ]  # fmt: skip


def _silent(found: list[Flow]) -> Check:
    silent = [
        flow
        for flow in found
        if not flow.is_demo and flow.received and flow.last_seen and not flow.last_day
    ]
    named = ", ".join(
        f"{flow.source} (last {flow.last_seen:%d %b %H:%M} UTC)" for flow in silent[:5]
    )
    sentence = (
        f"Silent for more than a day: {named}." if silent else "Every source in use is sending."
    )
    state = State.ATTENTION if silent else State.OK
    return Check("Sources", state, sentence, "See batches", _list("usagebatch"))


def _rejected(found: list[Flow], now: dt.datetime) -> Check:
    rejected, received = sum(f.rejected_last_day for f in found), sum(f.last_day for f in found)
    if not rejected:
        sentence, state = "No event was rejected in the last 24 hours.", State.OK
    else:
        codes = ", ".join(f"{code} {n:,}" for code, n in rejected_codes(now=now)[:5])
        sentence = f"{rejected:,} of {received:,} events rejected in 24 hours: {codes}."
        state = State.PROBLEM if rejected * 20 > received else State.ATTENTION
    return Check(
        "Rejected events", state, sentence, "Fix and replay", _list("quarantined"),
        "usage.view_quarantined",
    )  # fmt: skip


def _conflicts(found: list[Flow]) -> Check:
    count = sum(flow.conflict_last_day for flow in found)
    sentence = (
        f"{_counted(count, 'event', 'events')} came with other content under an id already "
        "stored; the first stands."
        if count
        else "No id came with other content in the last 24 hours."
    )
    return Check(
        "Conflicts", State.ATTENTION if count else State.OK, sentence, "Compare versions",
        _list("conflict"), "usage.view_conflict",
    )  # fmt: skip


def _folding(now: dt.datetime) -> Check:
    waiting = backlog()
    if waiting.oldest is None:
        return Check("Freshness", State.OK, "Everything received is in the reports.")
    seconds = int((now - waiting.oldest).total_seconds())
    sentence = (
        f"{_counted(waiting.batches, 'batch waits', 'batches wait')} to enter the reports, "
        f"the oldest for {seconds:,} s; "
        "if it grows, start the worker and beat or run manage.py fold."
    )
    state = by_size(seconds, attention=60, problem=600)
    return Check("Freshness", state, sentence, "See batches", _list("usagebatch"))


def _tags() -> Check:
    use = tag_use()
    near = [key for key in use.fullest if key.distinct_values * 5 > use.max_values * 4]
    full = use.keys >= use.max_keys
    sentence = f"{use.keys} of {use.max_keys} tag keys are in use"
    if use.limited:
        sentence += f"; new values of {', '.join(map(str, use.limited))} go to _other"
    elif near:
        sentence += f"; near {use.max_values:,} values: {', '.join(map(str, near))}"
    state = State.PROBLEM if full or use.limited else State.ATTENTION if near else State.OK
    if use.keys * 5 > use.max_keys * 4 and state is State.OK:
        state = State.ATTENTION
    return Check("Tags", state, sentence + ".", "See tags", "#tags" if use.keys else "")


def _privacy(now: dt.datetime) -> list[Check]:
    found = alerts(now=now, days=DAYS)
    if not found:
        return [Check("Privacy", State.OK, f"Nothing in {DAYS} days that should not be sent.")]
    labels = dict(BatchAlert.Code.choices)
    return [
        Check(
            "Privacy" if code != BatchAlert.Code.TAGS else "Tags past a limit",
            State.PROBLEM if code == BatchAlert.Code.CONTENT else State.ATTENTION,
            f"{source}: {_counted(events, 'event', 'events')} in {DAYS} days with {labels[code]}.",
            "See batches",
            f"{_list('usagebatch')}?alerts__code__exact={code}",
        )
        for code, source, events in found
    ]


def _exposed(now: dt.datetime) -> Check:
    keys = list(exposed_keys(now=now))
    named = ", ".join(
        f"{key} of {key.source} ({_counted(key.exposed, 'time', 'times')})" for key in keys[:5]
    )
    sentence = (
        f"In a query string, where it is logged: {named}. Rotate it."
        if keys
        else "No live key came in a query string."
    )
    return Check("Exposed keys", State.PROBLEM if keys else State.OK, sentence, *_to_source(keys))


def _expiring(now: dt.datetime) -> Check:
    keys = expiring_keys(now=now)
    named = ", ".join(f"{key} of {key.source} {key.state(now)}" for key in keys[:5])
    sentence = (
        f"{named}; create a second key and move its senders."
        if keys
        else "No key ends within 14 days without a successor."
    )
    state = State.ATTENTION if keys else State.OK
    return Check("Ending keys", state, sentence, *_to_source(keys))


def _to_source(keys: Sequence[ApiKey]) -> tuple[str, str, str]:
    if len(keys) == 1:
        link = reverse("admin:usage_source_change", args=[keys[0].source_id])
    else:
        link = _list("source")
    return "Open keys", link, "usage.view_apikey"


def _list(name: str) -> str:
    return reverse(f"admin:usage_{name}_changelist")


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
