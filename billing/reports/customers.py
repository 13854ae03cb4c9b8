"""The customers table: largest loss first, what drives it, since when, what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing.margin import MarginReport, MarginRow
from billing.measures import FORMULAS, UNATTRIBUTED
from billing.reports.accounts import Account
from billing.reports.health import health
from billing.reports.rows import (
    FIGURES,
    SPECIAL,
    ZERO,
    change,
    figures,
    last,
    left_out,
    loaded_columns,
    name,
    quoted,
)
from billing.reports.shared import loaded_margins
from billing.reports.table import Column, Row, Table
from tknops.money import divide

_SHARED = Column(
    "unattributed_shared",
    "Margin, unattributed shared",
    "money",
    FORMULAS["unattributed_shared"],
    adds=True,
)
_BASIS = Column(
    "basis", "Revenue basis", help="invoiced lines, or the contracted price of days without"
)
_AFTER = (
    Column("change", "Δ", "points", FORMULAS["change"]),
    Column("health", "Health", "badge", FORMULAS["health"]),
    Column("since", "Under water since"),
    Column("driver", "Main driver", help="the feature with the largest share of its AI cost"),
    Column("renews", "Renews"),
    Column("owner", "Owner"),
    Column("decision", "Decision"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The reports the table rests on: by customer, × plan, × feature and × month."""

    now: MarginReport
    before: MarginReport
    plans: MarginReport
    features: MarginReport
    months: MarginReport


def customers(
    *, asked: Asked, accounts: Mapping[str, Account], young: frozenset[str], share: bool
) -> Table:
    """Build the table; `young` have under 14 days of data, `share` adds the margin with
    unattributed cost shared.
    """
    now = asked.now
    earlier = {row.key[0]: row for row in asked.before.rows}
    drivers, plan_of, since = _drivers(asked.features), _plans(asked.plans), _since(asked.months)
    loaded = loaded_margins(now) if share else {}
    rows = []
    for row in sorted(now.rows, key=lambda r: (r.margin is None, r.margin or ZERO)):
        key = row.key[0]
        driver, feature = drivers.get(key, ("", ""))
        account = accounts.get(key)
        cells = {
            "key": key,
            "name": name(now, "customer", key),
            "plan": plan_of.get(key, ""),
            **figures(row),
            "unattributed_shared": loaded.get(key),
            "change": change(row, earlier.get(key)),
            "health": ""
            if key in young
            else health(row.margin_pct, row.revenue, row.cost_of_revenue),
            "since": since.get(key, "") if row.margin is not None and row.margin < 0 else "",
            "driver": driver,
        }
        links = {"driver": f"features?feature={quoted(feature)}"} if feature else {}
        links["allocated_cost"] = f"shared-cost?customer={quoted(key)}"
        rows.append(_row(key, cells, links, account))
    columns = (
        *(Column("name", "Customer"), Column("plan", "Plan"), *FIGURES),
        *loaded_columns(now, "allocated_cost", "loaded_margin", "loaded_margin_pct"),
        *((_SHARED,) if share else ()),
        *_AFTER,
        *((_BASIS,) if now.basis not in {"", "invoiced"} else ()),
    )
    total = Row({"name": "Total", **figures(now.total), "basis": ""})
    if share:
        total.cells["unattributed_shared"] = now.total.margin
    return Table(
        columns,
        last(rows),
        total,
        caption="Customers",
        name="customers",
        sort="margin",
        note=left_out(now.total),
    )


def _row(key: str, cells: dict[str, Any], links: dict[str, str], account: Account | None) -> Row:
    if key in SPECIAL:
        action = {"decision": "Match"} if key == UNATTRIBUTED else {}
        cells |= {"since": ""}
        return Row(
            cells, "", links | {"decision": "matching"} if action else links, action,
            stays_last=True,
        )  # fmt: skip
    actions: dict[str, str] = {}
    if account:
        cells |= {"renews": account.renews, "owner": account.owner}
        if account.decision:
            cells["decision"] = account.decision.brief
            links["decision"] = f"billing/decision/{account.decision.pk}/change/"
        else:
            actions["decision"] = "Decide"
            links["decision"] = f"billing/decision/add/?customer={account.pk}"
    return Row(cells, f"customer/{quoted(key)}", links, actions)


def _drivers(report: MarginReport) -> dict[str, tuple[str, str]]:
    """Name each customer's dearest feature with its share of the cost, and its key."""
    sums: dict[str, Decimal] = {}
    best: dict[str, tuple[Decimal, str]] = {}
    for row in report.rows:
        customer, feature = row.key
        if row.cost:
            sums[customer] = sums.get(customer, ZERO) + row.cost
            best[customer] = max(best.get(customer, (ZERO, "")), (row.cost, feature))
    found = {}
    for customer, (cost, feature) in best.items():
        known = feature not in SPECIAL
        shown = name(report, "feature", feature) if known else "unknown feature"
        share = divide(cost * 100, sums[customer], 0)
        found[customer] = (f"{shown} {share} %", feature if known else "")
    return found


def _plans(report: MarginReport) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for row in report.rows:
        if row.key[1] not in SPECIAL:
            found.setdefault(row.key[0], set()).add(name(report, "plan", row.key[1]))
    return {customer: ", ".join(sorted(plans)) for customer, plans in found.items()}


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


def newcomers(months: MarginReport, newest: str) -> set[str]:
    """Return the customers whose first month with usage or revenue is the newest one."""
    seen: dict[str, str] = {}
    for row in months.rows:
        if row.events or row.revenue:
            customer, month = row.key
            seen[customer] = min(seen.get(customer, month), month)
    return {customer for customer, month in seen.items() if month == newest} - SPECIAL


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
    return len(losing), sum(losing, ZERO)
