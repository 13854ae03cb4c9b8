"""Shared cost as tables: the pools of a month, and the months of a pool."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from billing.margin import Allocation
from billing.measures import NOT_ALLOCATED, dimension
from billing.models import AllocationRule, CostPool
from billing.reports.rows import ZERO
from billing.reports.table import Column, Row, Table

_POOLS = (
    Column("name", "Pool"),
    Column("kind", "Kind"),
    Column("cost_class", "Cost class"),
    Column("vendor", "Vendor"),
    Column("rule", "Rule in force"),
    Column("amount", "Cost", "money", "what the pool costs in the month, by day", adds=True),
    Column("allocated", "Allocated", "money", "what the rule gives to targets", adds=True),
    Column("left", "Not allocated", "money", "no rule in force, or no driver", adds=True),
    Column(
        "taken",
        "Taken from usage",
        "money",
        "cost of unattributed usage that the pool bears instead: off the unattributed row",
        adds=True,
    ),
    Column(
        "foreign",
        "In another currency",
        help="in its own currency; margins convert it at each day's rate",
    ),
)


def month_table(
    rows: Sequence[Allocation], pools: Sequence[CostPool], rules: Mapping[int, str], currency: str
) -> Table:
    """Build the table of pools; `rules` says what is in force for each."""
    by_pool: dict[int, list[Allocation]] = {}
    for row in rows:
        by_pool.setdefault(row.pool.pk, []).append(row)
    lines = []
    for pool in pools:
        own = by_pool.get(pool.pk, [])
        sums = _sums(row for row in own if row.currency == currency)
        cells: dict[str, Any] = {
            "name": pool.name,
            "kind": pool.get_kind_display(),
            "cost_class": pool.get_cost_class_display(),
            "vendor": pool.vendor,
            "rule": rules.get(pool.pk, "none"),
            "foreign": foreign(row for row in own if row.currency != currency),
            **sums,
        }
        lines.append(Row(cells, f"shared-cost/pool/{pool.pk}"))
    total = _sums(row for row in rows if row.currency == currency)
    return Table(
        _POOLS,
        sorted(lines, key=lambda line: -line.cells["amount"]),
        Row({"name": "Total", **total}),
        caption="Pools",
        name="pools",
        sort="-amount",
    )


def foreign(rows: Iterable[Allocation]) -> str:
    """Write what stands in other currencies, each with its code."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if not row.is_taken:
            sums[row.currency] = sums.get(row.currency, ZERO) + row.amount
    return ", ".join(f"{amount:,} {code}" for code, amount in sorted(sums.items()))


def months_table(rows: Iterable[Allocation], currency: str) -> Table:
    """Build the months of one pool, newest first."""
    columns = (Column("name", "Month"), *_POOLS[5:])
    by_month: dict[str, list[Allocation]] = {}
    for row in rows:
        by_month.setdefault(row.month, []).append(row)
    lines = []
    for month, own in sorted(by_month.items(), reverse=True):
        cells: dict[str, Any] = {
            "name": month,
            "foreign": foreign(row for row in own if row.currency != currency),
            **_sums(row for row in own if row.currency == currency),
        }
        lines.append(Row(cells, f"shared-cost/pool/{own[0].pool.pk}?month={month}"))
    return Table(columns, lines, caption="By month", name="months")


def rule_text(rule: AllocationRule) -> str:
    """Say a rule in words: to whom, by what, from what alone."""
    only = "; ".join(
        f"only {dimension(name).label.lower()} {', '.join(values)}"
        for name, values in rule.filters.items()
    )
    return f"{rule}{', ' if only else ''}{only}"


def _sums(rows: Iterable[Allocation]) -> dict[str, Decimal]:
    sums = dict.fromkeys(("amount", "allocated", "left", "taken"), ZERO)
    for row in rows:
        if row.is_taken:
            sums["taken"] += row.amount
            continue
        sums["amount"] += row.amount
        sums["left" if row.target == NOT_ALLOCATED else "allocated"] += row.amount
    return sums
