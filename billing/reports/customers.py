"""The customers table: largest loss first, what drives it, since when."""

from decimal import Decimal

from billing.margin import MarginReport, MarginRow
from billing.reports.health import health
from billing.reports.rows import FIGURES, SPECIAL, change, figures, last, name
from billing.reports.table import Column, Row, Table

COLUMNS = (
    Column("name", "Customer"),
    Column("plan", "Plan"),
    *FIGURES,
    Column("change", "Δ", "points"),
    Column("health", "Health", "badge"),
    Column("since", "Under water since"),
    Column("driver", "Main driver"),
    Column("unpriced", "Unpriced events", "count"),
)


def customers(
    *,
    now: MarginReport,
    before: MarginReport,
    plans: MarginReport,
    features: MarginReport,
    months: MarginReport,
) -> Table:
    """Build the table from reports by customer, customer × plan, × feature and × month."""
    earlier = {row.key[0]: row for row in before.rows}
    drivers = _largest(features)
    plan_of = _plans(plans)
    since = _since(months)
    rows = []
    for row in sorted(now.rows, key=lambda r: (r.margin is None, r.margin or Decimal(0))):
        key = row.key[0]
        cells = {
            "key": key,
            "name": name(now, "customer", key),
            "plan": plan_of.get(key, ""),
            **figures(row),
            "change": change(row, earlier.get(key)),
            "health": health(row.margin_pct, row.revenue, row.cost),
            "since": since.get(key, "") if row.margin is not None and row.margin < 0 else "",
            "driver": drivers.get(key, ""),
        }
        link = "" if key in SPECIAL else f"customer/{key}"
        rows.append(Row(cells, link))
    total = Row({"name": "Total", **figures(now.total)})
    return Table(COLUMNS, last(rows), total, "Customers by AI margin, largest loss first")


def _largest(report: MarginReport) -> dict[str, str]:
    best: dict[str, tuple[Decimal, str]] = {}
    for row in report.rows:
        customer, feature = row.key
        if row.cost and row.cost > best.get(customer, (Decimal(0), ""))[0]:
            best[customer] = (row.cost, name(report, "feature", feature))
    return {customer: feature for customer, (_, feature) in best.items()}


def _plans(report: MarginReport) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for row in report.rows:
        if row.key[1] not in SPECIAL:
            found.setdefault(row.key[0], []).append(name(report, "plan", row.key[1]))
    return {customer: ", ".join(sorted(set(plans))) for customer, plans in found.items()}


def _since(report: MarginReport) -> dict[str, str]:
    """Return the first month of the unbroken run of losses up to the newest month."""
    by_customer: dict[str, list[MarginRow]] = {}
    for row in report.rows:
        by_customer.setdefault(row.key[0], []).append(row)
    since = {}
    for customer, rows in by_customer.items():
        for row in sorted(rows, key=lambda r: r.key[1], reverse=True):
            if row.margin is None or row.margin >= 0:
                break
            since[customer] = row.key[1]
    return since


def loss_on_paying(report: MarginReport) -> tuple[int, Decimal]:
    """Count paying customers whose cost exceeds their revenue, and sum what they lose.

    Formula: Σ max(0, cost − revenue) over customers with revenue.
    """
    losing = [
        -row.margin
        for row in report.rows
        if row.revenue and row.revenue > 0 and row.margin is not None and row.margin < 0
        and row.key[0] not in SPECIAL
    ]  # fmt: skip
    return len(losing), sum(losing, Decimal(0))
