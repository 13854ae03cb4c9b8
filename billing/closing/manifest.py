"""The manifest of a close: what was frozen, what it rests on, and who vouches for it."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Max

from billing.closing.frozen_file import Written, figures
from billing.closing.signing import Checked
from billing.closing.tie_out import TieLine
from billing.margin.rendering import as_text
from billing.rates import Rate
from tknops.calendar import Period
from usage import cube
from usage.models import AttributionRun, PriceRevision, RuleRevision, UsageBatch


def manifest(
    month: Period,
    revision: int,
    written: Written,
    *,
    previous: str,
    checks: Sequence[Checked],
    ties: Sequence[TieLine],
    rates: Sequence[Rate],
    journal: dict[str, Any],
    now: dt.datetime,
    people: dict[str, str | None],
) -> dict[str, Any]:
    """Put it together, of texts and integers only, so that its digest is the same everywhere."""
    received = cube.received_to()
    return {
        "month": f"{month.start:%Y-%m}",
        "revision": revision,
        "file": written.path.name,
        "file_sha256": written.sha256,
        "rows": written.rows,
        "bytes": written.size,
        "previous_sha256": previous,
        "closed_at": now.astimezone(dt.UTC).isoformat(),
        **people,
        "zone": str(settings.REPORTING_ZONE),
        "currency": settings.REPORTING_CURRENCY,
        "figures": figures(written.path, month),
        "checks": [_check(one) for one in checks],
        "tie_outs": [_tie(one) for one in ties],
        "rates": [_rate(one) for one in rates],
        "journal": journal,
        "rests_on": {
            "usage_received_to": received.astimezone(dt.UTC).isoformat() if received else None,
            "newest_batch": _newest(UsageBatch),
            "price_revision": _newest(PriceRevision),
            "rule_revision": _newest(RuleRevision),
            "attribution_run": _newest(AttributionRun),
        },
    }


def digest_of(found: dict[str, Any]) -> str:
    """Return the sha256 of a manifest in its canonical form."""
    text = json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _newest(model: Any) -> int | None:
    found: int | None = model.objects.aggregate(newest=Max("pk"))["newest"]
    return found


def _check(one: Checked) -> dict[str, Any]:
    signed = one.signature
    return {
        "check": one.check.name,
        "ok": one.finding.ok,
        "finding": one.finding.text,
        "signed_by": signed.signed_name if signed else None,
        "note": signed.note if signed else None,
    }


def _rate(one: Rate) -> dict[str, str]:
    return {
        "base": one.base,
        "quote": one.quote,
        "date": one.date.isoformat(),
        "rate": f"{one.rate:f}",
        "source": one.source,
    }


def _tie(one: TieLine) -> dict[str, Any]:
    return {
        "figure": one.figure.value,
        "currency": one.currency,
        "ours": as_text(one.ours),
        "theirs": as_text(one.theirs),
        "difference": as_text(one.difference),
        "note": one.note,
    }
