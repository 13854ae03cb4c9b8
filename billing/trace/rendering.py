"""Traces as plain values for JSON: money as decimal strings, unknown as null."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from billing.margin.meaning import WHOLE
from billing.margin.rendering import as_dict, as_text, rate_as_dict
from billing.models import MonthClose
from billing.trace.closed import ClosedPart, ClosedRow
from billing.trace.cursor import encoded
from billing.trace.decided import Decided
from billing.trace.lines import Part, TracedLine
from billing.trace.place import Place, PlacedLine
from billing.trace.sums import Sums, summed
from billing.trace.trace import Trace
from tknops.calendar import Period
from usage.attribution import EFFECTS
from usage.models import Attribution, Context, Price, PriceAdjustment
from usage.tokens import REASONING

_RUNS = 20


def as_json(found: Trace, why: Decided | None = None) -> dict[str, Any]:
    """Render a page with the cell's figures, the sum of all its lines and, if asked, why."""
    report = found.report
    return {
        "start": report.period.start.isoformat(),
        "end": report.period.end.isoformat(),
        "filters": {name: list(keys) for name, keys in found.filters.items()},
        "currency": report.currency,
        "as_of": report.as_of.isoformat() if report.as_of else None,
        "cost_basis": report.cost_basis,
        "cell": as_dict(report, found.cell),
        "why": _why(why) if why else None,
        "lines_total": _sum(found.ledger) if found.ledger else None,
        "equal": found.equal,
        "lines": [line(one) for one in found.lines],
        "next_cursor": encoded(found.following) if found.following else None,
        "closed": _closed(found.closed) if found.closed else None,
    }


def _closed(found: ClosedPart) -> dict[str, Any]:
    """Render the frozen rows of a cell, what they rest on, and where differences are posted."""
    return {
        "months": [_close(one) for one in found.closes],
        "rows": [_closed_row(one) for one in found.rows],
        "next_cursor": found.following or None,
        "posted_in": f"{found.posted:%Y-%m}",
        "difference": _sum(summed(found.difference)) if found.difference else None,
    }


def _close(one: MonthClose) -> dict[str, Any]:
    """Render what vouches for a month: its file, and the rates and revisions of the close."""
    return {
        "month": f"{one.month:%Y-%m}",
        "revision": one.revision,
        "closed_at": one.closed_at.isoformat(),
        "file_sha256": one.file_sha256,
        "sha256": one.sha256,
        "rates": one.manifest["rates"],
        "rests_on": one.manifest["rests_on"],
    }


def _closed_row(one: ClosedRow) -> dict[str, Any]:
    return {
        "keys": dict(one.keys),
        "close": str(one.close) if one.close else None,
        "posted": one.posted.isoformat() if one.posted else None,
        **_sum(summed([one.row])),
    }


def _why(found: Decided) -> dict[str, Any]:
    """Render what decided; the costs sum to the cell's."""
    return {
        "effect": found.effect,
        "cost": as_text(found.cost),
        "decided_by": [
            {
                "kind": one.kind,
                "said": one.said,
                "rule": {"id": one.rule_id, "name": one.rule, "position": one.position}
                if one.rule_id is not None
                else None,
                "rule_revision": one.revision,
                "runs": [run.pk for run in one.runs[:_RUNS]],
                "cost": as_text(one.cost),
                "events": one.events,
                "unpriced_events": one.unpriced_events,
            }
            for one in found.deciders
        ],
    }


def line(one: TracedLine) -> dict[str, Any]:
    """Render a line: what happened, what it means, what it costs."""
    row = one.line
    return {
        "event": str(row.key),
        "source": one.context.source.name,
        "line": row.line,
        "time": row.occurred_at.isoformat(),
        "day": row.day.isoformat(),
        "batch": row.batch_id,
        "context": _context(one.context),
        "attribution": _attribution(one.attribution) if one.attribution else None,
        "plans": [
            {"plan": share.plan, "share": str(share.end - share.start), "of": str(WHOLE)}
            for share in one.shares
        ],
        "band": row.band,
        "window": row.window,
        "sent_quantities": {name: n for name, n in row.counted.items() if n and name != "lines"},
        "events": one.events,
        "quantities": [_part(part) for part in one.parts],
        REASONING: one.reasoning,
        "cost": as_text(one.cost),
        "stated_cost": as_text(one.stated_cost),
        "unpriced_events": one.unpriced_events,
        "unpriced_tokens": one.unpriced_tokens,
    }


def placed(one: PlacedLine) -> dict[str, Any]:
    """Render where a line stands in a report."""
    event = one.event
    return {
        "event": str(event.key),
        "source": event.source.name,
        "line": event.line,
        "time": event.occurred_at.isoformat(),
        "in_reports": bool(one.places),
        "cells": [_place(found) for found in one.places],
    }


def _place(found: Place) -> dict[str, Any]:
    return {
        "keys": dict(found.keys),
        "start": found.period.start.isoformat(),
        "end": found.period.end.isoformat(),
        "trace": f"/api/v1/reports/trace?{_address(found.period, found.keys)}",
        "line": line(found.part) if found.part else None,
        "closed": _closed_row(found.closed) if found.closed else None,
    }


def _address(period: Period, keys: Mapping[str, str]) -> str:
    bounds = {"start": period.start.isoformat(), "end": period.end.isoformat()}
    return urlencode({**bounds, **keys})


def _context(context: Context) -> dict[str, Any]:
    user = context.user_reference
    sku = context.sku
    return {
        "id": context.pk,
        "provider": sku.provider_code,
        "model": sku.model,
        "service_tier": sku.service_tier,
        "region": sku.region,
        "customer": context.customer_reference,
        "user": user.reference if user else "",
        "feature": context.feature_reference,
        "team": context.team_reference,
        "api_key": context.api_key,
        "environment": context.environment,
        "operation": context.operation,
        "outcome": context.outcome,
        "unit": context.unit,
        "tags": context.tags,
    }


def _attribution(row: Attribution) -> dict[str, Any]:
    """Render whose and what for, the run that said so, and the rules it decided by."""
    named = {
        name: getattr(row, name).external_id if getattr(row, name) else None
        for name in ("customer", "end_user", "feature", "team")
    }
    return {
        **named,
        "cost_class": row.cost_class,
        "valid_from": row.valid_from and row.valid_from.isoformat(),
        "valid_to": row.valid_to and row.valid_to.isoformat(),
        "run": {
            "id": row.run_id,
            "reason": row.run.reason,
            "created_at": row.run.created_at.isoformat(),
            "rule_revision": row.run.rule_revision_id,
        },
        "rules": {effect: _rule(row, effect) for effect in EFFECTS},
    }


def _rule(row: Attribution, effect: str) -> dict[str, Any] | None:
    """Render the rule that decided, in the words of its revision; None: the reference did."""
    number = getattr(row, f"{effect}_rule")
    if number is None:
        return None
    revision = row.run.rule_revision
    written = revision.rules if revision else ()
    rule: dict[str, Any] = next((one for one in written if one["id"] == number), {})
    return {"id": number, "name": rule.get("name"), "position": rule.get("position")}


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "quantity": part.quantity,
        "per_million": as_text(part.per_million),
        "currency": part.currency,
        "rate": rate_as_dict(part.rate) if part.rate else None,
        "prices": [_price(row) for row in part.prices],
        "cost": as_text(part.cost),
        "reason": part.reason or None,
    }


def _price(row: Price | PriceAdjustment) -> dict[str, Any]:
    return _listed(row) if isinstance(row, Price) else _adjusted(row)


def _adjusted(row: PriceAdjustment) -> dict[str, Any]:
    """Render an adjustment that made the price out of the rows before it."""
    return {
        "adjustment": row.pk,
        "name": row.name,
        "kind": row.kind,
        "value": as_text(row.value),
        "currency": row.currency,
        "valid_from": row.valid_from and row.valid_from.isoformat(),
        "valid_to": row.valid_to and row.valid_to.isoformat(),
    }


def _listed(row: Price) -> dict[str, Any]:
    return {
        "id": row.pk,
        "provider": row.provider_code,
        "model": row.model,
        "service_tier": row.service_tier,
        "region": row.region,
        "token_class": row.token_class,
        "unit": row.unit,
        "threshold": row.threshold,
        "window": row.price_window,
        "kind": row.kind,
        "per_million": as_text(row.per_million),
        "currency": row.currency,
        "valid_from": row.valid_from and row.valid_from.isoformat(),
        "valid_to": row.valid_to and row.valid_to.isoformat(),
        "source": row.source,
        "source_version": row.source_version,
    }


def _sum(row: Sums) -> dict[str, Any]:
    return {
        "events": row.events,
        **row.tokens,
        "cost": as_text(row.cost),
        "stated_cost": as_text(row.stated_cost),
        "unpriced_events": row.unpriced_events,
        "unpriced_tokens": row.unpriced_tokens,
    }
