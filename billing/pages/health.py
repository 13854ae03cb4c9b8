"""Data health: what arrives, what was refused, what the figures leave out, and how to mend it."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from billing.pages.access import HEALTH, VIEW, page
from billing.pages.render import respond
from billing.reports.check import State
from billing.reports.figure_checks import money_checks, report_by_source
from billing.reports.intake_checks import DAYS, data_checks
from billing.reports.sdk_processes import sdk_checks, version_table
from billing.reports.sources import source_table
from usage.intake import flows, lags, processes, rejected_codes, tag_use


@page(HEALTH)
def data_health(request: HttpRequest) -> HttpResponse:
    """Show the checks, the sources and the tags; figures of cost only to those who may see it."""
    now = timezone.now()
    found = flows(now=now)
    if not any(flow.last_seen for flow in found):
        return respond(request, "data_health", title="Data health", empty=True)
    sees_cost = request.user.has_perm(VIEW)
    report = report_by_source(today=timezone.localdate()) if sees_cost else None
    sdks = processes(now=now, since=now - dt.timedelta(days=DAYS))
    checks = [
        *data_checks(found, now=now),
        *sdk_checks(sdks),
        *(money_checks(report) if report else []),
    ]
    order = [State.PROBLEM, State.ATTENTION, State.OK]
    return respond(
        request,
        "data_health",
        title="Data health",
        table=source_table(found, lags(), report),
        more=[version_table(sdks)] if sdks else [],
        checks=[
            (check, bool(check.link) and request.user.has_perm(check.permission))
            for check in sorted(checks, key=lambda check: order.index(check.state))
        ],
        codes=rejected_codes(now=now, days=30),
        tags=tag_use(),
        sees_rejected=request.user.has_perm("usage.view_quarantined"),
    )
