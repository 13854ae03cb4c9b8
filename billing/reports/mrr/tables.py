"""MRR as tables: month by month, the movements of one month, by plan, the cohorts."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from billing.measures import FORMULAS, NO_PLAN
from billing.reports.mrr.book import ZERO, MrrBook, decimal, shown
from billing.reports.mrr.cohorts import Cohort
from billing.reports.mrr.contracts import Contract
from billing.reports.mrr.movements import KINDS, Month, Movement
from billing.reports.mrr.retention import Retention, percent
from billing.reports.rows import quoted
from billing.reports.table import Column, Row, Table
from billing.revenue.cycles import YEAR

_OPENING = "MRR at the month end before, at that day's rates"
_MONTHS = (
    Column("month", "Month"),
    Column("opening", "Opening MRR", "money", _OPENING),
    *(Column(kind, kind.capitalize(), "signed_money", FORMULAS[f"mrr_{kind}"]) for kind in KINDS),
    Column("closing", "MRR", "money", FORMULAS["mrr"]),
    Column("accounts", "Accounts", "count", "accounts with MRR"),
    Column("arpa", "ARPA", "money", FORMULAS["arpa"]),
    Column("nrr", "NRR", "percent", FORMULAS["nrr"]),
    Column("grr", "GRR", "percent", FORMULAS["grr"]),
    Column("arr", "ARR", "money", FORMULAS["arr"]),
)
_MOVED = (
    Column("name", "Account"),
    Column("kind", "Movement"),
    Column("opening", "Opening MRR", "money", _OPENING, adds=True),
    Column("amount", "Moved", "signed_money", "the movement, at the closing rates", adds=True),
    Column("currency", "Currency", "signed_money", FORMULAS["mrr_currency"], adds=True),
    Column("closing", "MRR", "money", FORMULAS["mrr"], adds=True),
    Column("before", "Before"),
    Column("after", "After"),
)
_PLANS = (
    Column("name", "Plan"),
    Column(
        "accounts", "Accounts", "count", "accounts with MRR of the plan; one may have several plans"
    ),
    Column("mrr", "MRR", "money", FORMULAS["mrr"], adds=True),
    Column("arr", "ARR", "money", FORMULAS["arr"], adds=True),
    Column("share", "Share", "percent", "MRR ÷ MRR of all plans"),
    Column("arpa", "ARPA", "money", FORMULAS["arpa"]),
    Column("change", "Δ", "signed_money", "MRR − MRR at the month end before", adds=True),
)


def months_table(months: Sequence[Month], retained: Mapping[dt.date, Retention]) -> Table:
    """Lay the months out, the newest first; each leads to its movements."""
    rows = [
        Row(
            _month_cells(one, retained[one.closed]),
            link=f"mrr?month={one.closed:%Y-%m}",
            links={kind: f"mrr?month={one.closed:%Y-%m}&kind={kind}" for kind in KINDS},
        )
        for one in reversed(months)
    ]
    return Table(_MONTHS, rows, caption="MRR by month", name="months")


def _month_cells(one: Month, retained: Retention) -> dict[str, Any]:
    return {
        "month": f"{one.closed:%Y-%m}",
        "opening": decimal(one.opening),
        **{kind: decimal(one.total(kind)) for kind in KINDS},
        "closing": decimal(one.closing),
        "arr": decimal(one.closing * YEAR),
        "accounts": one.accounts,
        "arpa": decimal(one.closing / one.known) if one.known else None,
        "nrr": retained.nrr,
        "grr": retained.grr,
    }


def movements_table(one: Month, kind: str = "") -> Table:
    """Lay out who moved it, the largest first, with the contracts behind."""
    moved = [m for m in one.movements if not kind or m.of(kind)]
    moved.sort(key=lambda m: (-abs(m.amount + m.currency), m.account.key))
    return Table(
        _MOVED,
        [_moved_row(m) for m in moved],
        Row({
            "name": "Total",
            **{
                name: decimal(sum((getattr(m, name) for m in moved), ZERO))
                for name in ("opening", "amount", "currency", "closing")
            },
        }),
        caption=f"Movements: {kind}" if kind else "Movements",
        name="movements",
    )  # fmt: skip


def _moved_row(one: Movement) -> Row:
    return Row(
        {
            "name": one.account.name,
            "kind": one.kind or "currency",
            "opening": decimal(one.opening),
            "amount": decimal(one.amount),
            "currency": decimal(one.currency),
            "closing": decimal(one.closing),
            "before": _written(one.before),
            "after": _written(one.after),
        },
        link=f"customer/{quoted(one.account.key)}" if one.account.matched else "matching",
    )


def _written(some: Iterable[Contract]) -> str:
    return "; ".join(
        f"{one.reference} {one.plan}, {shown(one.yearly / YEAR)} {one.currency} a month"
        for one in some
    )


def plans_table(book: MrrBook, opened: dt.date, closed: dt.date, names: Mapping[str, str]) -> Table:
    """Lay out MRR by plan, the largest first."""
    before = {plan: sum(some.values(), ZERO) for plan, some in book.by_plan(opened).items()}
    plans = book.by_plan(closed)
    now = {plan: sum(some.values(), ZERO) for plan, some in plans.items()}
    whole = sum(now.values(), ZERO)
    rows = [
        Row(
            {
                "name": names.get(plan, plan) or NO_PLAN,
                **_plan_cells(now.get(plan, ZERO), len(plans.get(plan, {})), whole),
                "change": decimal(now.get(plan, ZERO) - before.get(plan, ZERO)),
            },
            stays_last=not plan,
        )
        for plan in sorted(now.keys() | before.keys(), key=lambda p: (not p, -now.get(p, ZERO), p))
    ]
    accounts = len(book.at(closed).native)
    total = {
        "name": "Total",
        **_plan_cells(whole, accounts, whole),
        "change": decimal(whole - sum(before.values(), ZERO)),
    }
    return Table(_PLANS, rows, Row(total), caption="By plan", name="plans")


def _plan_cells(mrr: Fraction, accounts: int, whole: Fraction) -> dict[str, Any]:
    return {
        "accounts": accounts,
        "mrr": decimal(mrr),
        "arr": decimal(mrr * YEAR),
        "share": percent(mrr, whole),
        "arpa": decimal(mrr / accounts) if accounts else None,
    }


def cohorts_table(found: Sequence[Cohort]) -> Table:
    """Lay out what is left of each cohort's first MRR, month after month."""
    longest = max((len(one.mrr) for one in found), default=0)
    columns = (
        Column("began", "Began"),
        Column("accounts", "Accounts", "count"),
        Column("mrr", "First MRR", "money", "at the first month end, at the rates of the last"),
        *(
            Column(
                f"m{at}",
                f"+{at}",
                "percent",
                "MRR so many months after the first month end ÷ that of the first"
                if at == 1
                else "",
            )
            for at in range(1, longest)
        ),
    )
    rows = [
        Row(
            {
                "began": f"{one.began:%Y-%m}",
                "accounts": one.accounts,
                "mrr": decimal(one.mrr[0]) if one.mrr[0] else None,
                **{f"m{at}": value for at, value in enumerate(one.retained) if at},
            }
        )
        for one in found
    ]
    return Table(columns, rows, caption="Cohorts", name="cohorts")


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A percentage and its step of colour, from 0 to 10."""

    value: Decimal | None
    step: int


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A cohort as it is shown; MRR is unknown where no rate is."""

    began: str
    accounts: int
    mrr: Decimal | None
    cells: list[HeatCell]


_STEPS = 10


def heat(found: Sequence[Cohort]) -> list[HeatRow]:
    """Give every percentage its step of colour: 0 % is 0, 100 % or more is 10."""
    return [
        HeatRow(
            f"{one.began:%b %Y}",
            one.accounts,
            decimal(one.mrr[0]) if one.mrr[0] else None,
            [
                HeatCell(value, 0 if value is None else min(_STEPS, int(value) // _STEPS))
                for value in one.retained
            ],
        )
        for one in found
    ]
