"""Overview: what the month kept, what moved it, which customers to act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse

from billing.margin import MarginReport, MarginRow, margin
from billing.measures import COST_BASES
from billing.pages import charts
from billing.pages.access import page
from billing.pages.basis import bases, cost_basis
from billing.pages.customers import ask, customer_table
from billing.pages.filters import attributes_on, chips, chosen, selects
from billing.pages.movement import movement
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.customers import loss_on_paying
from billing.reports.free import free_cost
from billing.reports.months import by_month
from billing.reports.rows import change, difference, left_out, not_of_revenue
from billing.templatetags.money import brief, money, percent, points, signed_money

_TO_ACT_ON = 5
_LEFT_OUT = frozenset(("health", "basis"))


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its changes against the month before and the year before."""

    label: str
    value: str
    detail: str
    changes: list[tuple[str, str]]
    link: str


@page()
def overview(request: HttpRequest) -> HttpResponse:
    """Show the month in a sentence, four tiles, the chart, the bridge and five customers."""
    month, basis = picked(request), cost_basis(request)
    filters = chosen(request, ("plan", "customer."))
    offered = selects(request)
    on = attributes_on(request)
    asked = ask(month, filters, basis, on)
    year_ago = margin(
        by=["customer"], period=month.year_ago, filters=filters, basis=basis, attributes_on=on
    )
    months = by_month(asked.months)
    table = customer_table(request, asked, month)
    worst = [row for row in table.rows if not row.stays_last][:_TO_ACT_ON]
    empty = not (asked.now.total.events or asked.now.total.revenue or months)
    steps, waterfall = (
        (None, None) if empty else movement(asked.now, asked.before, month, filters, on)
    )
    return respond(
        request,
        "overview",
        title="Overview",
        table=replace(
            table,
            columns=tuple(c for c in table.columns if c.key not in _LEFT_OUT),
            rows=worst,
            total=None,
            note="",
            caption="Customers to act on",
        ),
        searchable=False,
        more=[steps] if steps else [],
        bridge=waterfall,
        month=month,
        strip=strip(asked.now),
        empty=empty,
        selects=offered,
        chips=chips(filters, offered=offered),
        bases=bases(basis),
        sentence=_sentence(asked.now, asked.before, month),
        left_out=left_out(asked.now.total),
        chart=charts.monthly(months, month.chart, title="Revenue, cost of revenue and AI margin %"),
        tiles=[*_tiles(asked.now, asked.before, year_ago, month), _free_tile(month, filters)],
    )


def _sentence(now: MarginReport, before: MarginReport, month: Picked) -> str:
    total = now.total
    delta = change(total, before.total)
    kept = f"{month.label} kept {brief(total.margin)} of {brief(total.revenue)} after AI cost"
    if total.margin_pct is not None:
        moved = f", {points(delta)}" if delta is not None else ""
        kept += f" ({percent(total.margin_pct)}{moved})"
    losing, loss = loss_on_paying(now)
    if not losing:
        return f"{kept}; no paying customer lost money."
    return f"{kept}; {losing} paying customer{'s' if losing > 1 else ''} lost {brief(loss)}."


def _tiles(
    now: MarginReport, before: MarginReport, year_ago: MarginReport, month: Picked
) -> list[Tile]:
    sides = ((month.against, before), (month.year_label, year_ago))
    losing, loss = loss_on_paying(now)

    def moved(name: str, shown: Any) -> list[tuple[str, str]]:
        values = [(label, _known(side.total, name)) for label, side in sides]
        own = getattr(now.total, name)
        return [(f"vs {label}", shown(difference(own, value))) for label, value in values]

    losses = [(f"vs {label}", _loss_change(loss, side)) for label, side in sides]
    total = now.total
    return [
        Tile("Revenue", money(total.revenue), f"recognised, {now.basis or 'no basis'}",
             moved("revenue", signed_money), "customers?sort=-revenue"),
        Tile("Cost of revenue", money(total.cost_of_revenue), _of_ai_cost(now),
             moved("cost_of_revenue", signed_money), "models"),
        Tile("AI margin %", percent(total.margin_pct), f"AI margin {money(total.margin)}",
             moved("margin_pct", points), "plans"),
        Tile("Loss on paying customers", money(loss), f"{losing} under water",
             losses, "customers?health=under water"),
    ]  # fmt: skip


def _of_ai_cost(now: MarginReport) -> str:
    total = now.total
    outside = not_of_revenue(total)
    if not outside:
        return f"all AI cost, by {COST_BASES[now.cost_basis]}"
    return f"of AI cost {money(total.cost)}; {money(outside)} is operating expense or internal"


def _free_tile(month: Picked, filters: Mapping[str, Sequence[str]]) -> Tile:
    cost = free_cost(month.period, filters)
    sides = ((month.against, month.before), (month.year_label, month.year_ago))
    return Tile(
        "Cost of free and trial usage",
        money(cost),
        "on days with a trial or a plan of price 0",
        [
            (f"vs {label}", signed_money(difference(cost, free_cost(period, filters))))
            for label, period in sides
        ],
        "plans",
    )


def _known(total: MarginRow, name: str) -> Decimal | None:
    """Take a figure of a period that has any data; nothing at all is unknown, not 0."""
    found: Decimal | None = getattr(total, name)
    return found if total.events else None


def _loss_change(loss: Decimal, side: MarginReport) -> str:
    return signed_money(loss - loss_on_paying(side)[1]) if side.total.events else signed_money(None)
