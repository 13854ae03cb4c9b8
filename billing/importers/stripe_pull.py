"""Fetch what Stripe billed since the last time into a file, page by page, then import the file.

After each page the cursor and the length of the file are committed: a crash costs one page, and a
torn page is cut off. Windows overlap, since an open invoice is paid later; what is there already
stays as it is. Only the fields that are read are kept, of the file nothing once it is imported.
"""

import datetime as dt
import os
import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from billing.importers.kept import folder
from billing.importers.receive import receive
from billing.importers.stripe_fields import slim
from billing.importers.stripe_http import Stripe, StripeError
from billing.models import BillingImport, BillingPull
from tknops.jobs.models import Job
from tknops.jobs.progress import Report, unreported
from tknops.jobs.run import start

OVERLAP = dt.timedelta(days=90)
_STREAMS = ("invoices", "subscriptions")
_PAGE = "100"
_KIND = "pull-stripe"


def begin_pull(*, now: dt.datetime, since: dt.datetime | None = None) -> BillingPull:
    """Return the pull that was interrupted, or a new one from before the last one's end on."""
    open_one = BillingPull.objects.filter(state=BillingPull.State.FETCHING).first()
    if open_one:
        return open_one
    last = BillingPull.objects.filter(state=BillingPull.State.DONE).order_by("-until").first()
    since = since or (last.until - OVERLAP if last else None)
    try:
        with transaction.atomic():
            return BillingPull.objects.create(
                since=since, until=now, file_name=f"{secrets.token_hex(16)}.billing"
            )
    except IntegrityError:  # another began it meanwhile
        return BillingPull.objects.get(state=BillingPull.State.FETCHING)


def start_pull(
    *,
    now: dt.datetime,
    since: dt.datetime | None = None,
    user: Any = None,
    at_once: bool = False,
) -> Job:
    """Begin or go on with a pull as a job; `since` where it is to begin earlier than usual."""
    pull = begin_pull(now=now, since=since)
    return start(kind=_KIND, arguments={"pull": pull.pk}, user=user, at_once=at_once)


def fetch(
    *, pull: BillingPull, stripe: Stripe, now: dt.datetime, report: Report = unreported
) -> BillingImport | None:
    """Fetch to the end and take note of the file as an import; None if there was nothing.

    Raises StripeError; what was fetched until then is kept for the next time.
    """
    path = folder() / pull.file_name
    path.touch()
    os.truncate(path, pull.file_bytes)
    for stream in _STREAMS[_STREAMS.index(pull.stream) if pull.stream else 0 :]:
        for objects in _pages(pull, stripe, stream):
            content = b"".join(msgspec.json.encode(slim(one)) + b"\n" for one in objects)
            with path.open("ab") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            pull.stream, pull.cursor = stream, objects[-1]["id"]
            pull.file_bytes += len(content)
            pull.objects_fetched += len(objects)
            pull.save(update_fields=["stream", "cursor", "file_bytes", "objects_fetched"])
            report(pull.objects_fetched, None)
        pull.cursor = ""
    return _end(pull, now)


def _pages(pull: BillingPull, stripe: Stripe, stream: str) -> Iterator[list[dict[str, Any]]]:
    query = {"limit": _PAGE}
    if stream == "invoices":
        query["created[lt]"] = str(int(pull.until.timestamp()))
        if pull.since:
            query["created[gte]"] = str(int(pull.since.timestamp()))
    else:
        query["status"] = "all"
    after = pull.cursor if pull.stream == stream else ""
    while True:
        page = stripe.page(f"/v1/{stream}", query | ({"starting_after": after} if after else {}))
        objects = [_whole(one, stripe) for one in page["data"]]
        if objects:
            yield objects
            after = objects[-1]["id"]
        if not page.get("has_more") or not objects:
            return


def _whole(found: Any, stripe: Stripe) -> dict[str, Any]:
    """Return an object with all its lines: a list inside a list ends after a few."""
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        message = "Stripe's list holds something that is no object with an id"
        raise StripeError(message)
    lines = found.get("lines") or {}
    path = f"/v1/invoices/{found['id']}/lines"
    while lines.get("has_more"):
        after = {"starting_after": lines["data"][-1]["id"]} if lines.get("data") else {}
        page = stripe.page(path, {"limit": _PAGE, **after})
        lines["data"] = [*lines.get("data", []), *page["data"]]
        lines["has_more"] = page.get("has_more") and bool(page["data"])
    return found


def _end(pull: BillingPull, now: dt.datetime) -> BillingImport | None:
    path = folder() / pull.file_name
    with transaction.atomic():
        pull.state, pull.finished_at = BillingPull.State.DONE, now
        if pull.file_bytes:
            pull.billing_import = receive(
                path=path,
                file_name=f"Stripe, up to {pull.until:%Y-%m-%d %H:%M} UTC",
                profile="stripe-invoice-lines",
            )
        pull.save(update_fields=["state", "finished_at", "billing_import"])
    if not pull.file_bytes:
        path.unlink(missing_ok=True)
    return pull.billing_import
