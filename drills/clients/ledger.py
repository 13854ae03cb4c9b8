"""What tknOps holds of an emitter's calls, and what its report says they cost."""

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal

from billing.measures import NONE
from drills.clients.provider import Counts
from drills.installation import Installation

_COLUMNS = tuple(Counts.__dataclass_fields__)
TAG = "drill.case"


@dataclass(frozen=True, slots=True)
class Stored:
    """One line of the ledger."""

    case: str
    provider: str
    model: str
    operation: str
    outcome: str
    customer: str
    feature: str
    stated: Decimal | None
    counts: Counts


def stored_by(made: Installation, source: str) -> list[Stored]:
    """Read the calls of a source."""
    rows = made.sql(
        f"""
        SELECT coalesce(c.tags->>'{TAG}', ''), s.provider_code, s.model, c.operation, c.outcome,
               c.customer_reference, c.feature_reference, e.stated_cost,
               {", ".join(f"e.{name}" for name in _COLUMNS)}
        FROM usage_usageevent e JOIN usage_context c ON c.id = e.context_id
        JOIN usage_sku s ON s.id = c.sku_id JOIN usage_source o ON o.id = e.source_id
        WHERE o.name = '{source}' ORDER BY e.occurred_at
        """
    )
    return [Stored(*row[:8], Counts(*row[8:])) for row in rows]


def batches_of(made: Installation, source: str) -> dict[str, int]:
    """Sum the counts of a source's requests: rejected, in conflict, and ignored by reason."""
    found: dict[str, int] = {}
    for rejected, conflict, duplicate, ignored in made.sql(
        f"""
        SELECT b.rejected, b.conflict, b.duplicate, b.ignored FROM usage_usagebatch b
        JOIN usage_source o ON o.id = b.source_id WHERE o.name = '{source}'
        """
    ):
        said = {"rejected": rejected, "conflict": conflict, "duplicate": duplicate, **ignored}
        for name, count in said.items():
            found[name] = found.get(name, 0) + count
    return {name: count for name, count in found.items() if count}


def reported_costs(made: Installation) -> dict[tuple[str, str], tuple[Decimal | None, int]]:
    """Ask the margin report: (source, case) → cost and calls without a price."""
    today = dt.datetime.now(dt.UTC).date()
    report = made.manage(
        "margin", "--by", "source", "--by", f"tag.{TAG}", "--format", "json",
        "--start", str(today - dt.timedelta(days=1)), "--end", str(today + dt.timedelta(days=2)),
    )  # fmt: skip
    return {
        (row["source"], row[f"tag.{TAG}"].replace(NONE, "")): (
            None if row["cost"] is None else Decimal(row["cost"]),
            row["unpriced_events"],
        )
        for row in json.loads(report)["rows"]
    }
