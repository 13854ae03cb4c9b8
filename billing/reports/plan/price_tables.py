"""Prices and allowances of one plan as tables."""

from collections.abc import Sequence

from billing.measures import FORMULAS
from billing.reports.plan.allowance import Allowance
from billing.reports.plan.pricing import Coverage
from billing.reports.rows import quoted
from billing.reports.table import Column, Row, Table


def coverage_table(prices: Sequence[Coverage], plan: str) -> Table:
    """List prices with the share of paying accounts each covers; a row is tried on history."""
    rows = [
        Row(
            {
                "label": one.label,
                "price": one.price,
                "covered": one.covered,
                "left": one.accounts - one.covered,
                "share": one.share,
                "margin": one.margin,
                "margin_pct": one.margin_pct,
            },
            links={"price": f"what-if?plan={quoted(plan)}&price={one.price:f}"},
        )
        for one in prices
    ]
    return Table(
        (
            Column("label", "Price"),
            Column("price", "Per account", "money", FORMULAS["covering_price"]),
            Column("share", "Covered", "percent", FORMULAS["covered"]),
            Column("covered", "Accounts covered", "count"),
            Column("left", "Not covered", "count"),
            Column("margin", "AI margin if all pay it", "money"),
            Column("margin_pct", "AI margin %", "percent"),
        ),
        rows,
        caption="Prices and the accounts they cover",
        name="prices",
    )


def curve_table(steps: Sequence[Coverage]) -> Table:
    """List every price at which the share covered grows, as the curve shows it."""
    rows = [Row({"price": one.price, "share": one.share, "covered": one.covered}) for one in steps]
    return Table(
        (
            Column("price", "Price per account", "money", FORMULAS["covering_price"]),
            Column("share", "Covered", "percent", FORMULAS["covered"]),
            Column("covered", "Accounts covered", "count"),
        ),
        rows,
        caption="Share of accounts a price covers",
        name="curve",
    )


def allowance_table(allowances: Sequence[Allowance], plan: str) -> Table:
    """List allowances with whom they limit, the chosen one first."""
    rows = [
        Row(
            {
                "label": one.label,
                "cost": one.cost,
                "tokens": one.tokens,
                "calls": one.calls,
                "share": one.share,
                "limited": one.limited,
                "over": one.over,
                "price": one.price,
            },
            links={"cost": f"what-if?plan={quoted(plan)}&allowance={one.cost:f}"},
        )
        for one in allowances
    ]
    return Table(
        (
            Column("label", "Allowance"),
            Column("cost", "Cost per account", "money", FORMULAS["allowance"]),
            Column("tokens", "In tokens", "tokens", FORMULAS["break_even_usage"]),
            Column("calls", "In calls", "count", FORMULAS["break_even_usage"]),
            Column("share", "Left alone", "percent"),
            Column("limited", "Accounts limited", "count"),
            Column("over", "Used above it", "money", FORMULAS["overconsumption"]),
            Column("price", "Price it needs", "money", FORMULAS["covering_price"]),
        ),
        rows,
        caption="Allowances",
        name="allowances",
    )
