"""What a figure is made of as tables: what decided it, its frozen rows, its events."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse

from billing.margin import MarginRow
from billing.reports.table import Column, Line, Row, Table
from billing.templatetags.money import count
from billing.trace import Decided, Decider

_COST = Column("cost", "AI cost, unrounded", "unrounded")
_WHY = (
    Column("said", "Decided by", "wrap"),
    Column("runs", "Runs", "wrap"),
    Column("events", "Calls", "count"),
    _COST,
)
_CLOSED = (
    Column("day", "Day"),
    Column("charge_class", "What"),
    Column("customer", "Customer"),
    Column("feature", "Feature"),
    Column("model", "Model"),
    Column("events", "Calls", "count"),
    Column("quantities", "Quantities", "lines"),
    _COST,
)
_EVENTS = (
    Column("at", "Time (UTC)", "lines"),
    Column("customer", "Customer", "lines"),
    Column("feature", "Feature"),
    Column("model", "Model"),
    Column("quantities", "Quantities", "lines"),
    Column("prices", "Price per million", "lines"),
    _COST,
)
_RUNS = 3
Cells = Mapping[str, Any]


def why_table(found: Decided, total: MarginRow) -> Table:
    """List what decided, the dearest first, above the figure."""
    rows = [
        Row({
            "said": (_rule(one),),
            "runs": tuple(_runs(one)),
            "events": one.events,
            "cost": one.cost,
        })
        for one in found.deciders
    ]  # fmt: skip
    return Table(
        _WHY,
        rows,
        Row({"said": "The figure", "events": total.events, "cost": total.cost}),
        caption="Why is this cost here?",
        name="why",
        nothing="No call is in this figure.",
    )


def _rule(one: Decider) -> Line:
    edit = "admin:usage_attributionrule_change"
    return Line(one.said, reverse(edit, args=[one.rule_id]) if one.rule_id else "")


def _runs(one: Decider) -> Iterator[Line]:
    for run in one.runs[:_RUNS]:
        yield Line(str(run.pk), reverse("pages:attribution-run", args=[run.pk]), run.reason)
    if (more := len(one.runs) - _RUNS) > 0:
        yield Line(f"and {more:,} more")


def closed_table(rows: Sequence[Cells], cost: str | None, total: MarginRow | None) -> Table:
    """List frozen rows; `total` is the figure where they alone are it."""
    page = Row({"day": f"This page, {len(rows):,} rows", "cost": cost})
    figure = {"day": "The figure", "events": total.events, "cost": total.cost} if total else {}
    whole = Row(figure) if figure else None
    return Table(
        _CLOSED,
        [
            Row({
                **row,
                "model": f"{row['provider']} · {row['model']}",
                "quantities": (*_pairs(row["quantities"]), *_unpriced(row)),
            })
            for row in rows
        ],
        whole or page,
        caption="As closed, by day and circumstances",
        name="closed",
        subtotal=page if whole else None,
        nothing="Nothing of the figure is in closed months.",
    )  # fmt: skip


def events_table(rows: Sequence[Cells], cost: str | None, total: MarginRow) -> Table:
    """List events of a page above its sum and the figure."""
    unpriced = total.unpriced_events
    said = f"{count(unpriced)} not or not wholly priced" if unpriced else ""
    return Table(
        _EVENTS,
        [_event(row) for row in rows],
        Row({
            "at": f"The figure, {count(total.events)} calls",
            "prices": (Line(said, warns=True),) if said else None,
            "cost": total.cost,
        }),
        caption="Events of this figure, oldest first",
        name="events",
        subtotal=Row({"at": f"This page, {len(rows):,} rows", "cost": cost}),
        nothing="No events on this page.",
    )  # fmt: skip


def _event(row: Cells) -> Row:
    why = f"{reverse('pages:why', args=[row['context']])}?day={row['at']:%Y-%m-%d}"
    return Row({
        "at": (Line(f"{row['at']:%Y-%m-%d %H:%M:%S}", title=row["key"]),),
        "customer": (Line(row["customer"]), Line("why?", why)),
        "feature": row["feature"],
        "model": f"{row['provider']} · {row['model']}",
        "quantities": tuple(_pairs(row["quantities"])),
        "prices": tuple(_prices(row)),
        "cost": row["cost"],
    })  # fmt: skip


def _prices(row: Cells) -> Iterator[Line]:
    yield from _pairs(row["prices"])
    for rate in row["rates"]:
        yield Line(rate, small=True)
    if row["unconverted"]:
        yield Line("unconverted: no rate for this day", reverse("pages:exchange-rates"), warns=True)
    if row["unstated"]:
        yield Line("the provider stated none", warns=True)
    yield from _unpriced(row)


def _pairs(found: Sequence[tuple[str, str]]) -> Iterator[Line]:
    for label, text in found:
        yield Line(f"{label} {text}")


def _unpriced(row: Cells) -> Iterator[Line]:
    if row["unpriced"]:
        yield Line(f"no price: {row['unpriced']}", warns=True)
