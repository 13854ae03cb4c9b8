"""One figure: what it is of, what it may be split by, and the events it is made from."""

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from billing.explorer import Exploration, WrongQuestionError, parse
from billing.explorer.about import attributes_text
from billing.explorer.figures import OFFERED, Figures
from billing.explorer.suggestions import groups
from billing.margin.labels import labels
from billing.margin.rendering import as_text
from billing.measures import CHARGE_CLASS, COST_BASES, MEASURES, UNATTRIBUTED
from billing.pages.access import page
from billing.pages.explorer.evidence import closed_table, events_table, why_table
from billing.pages.explorer.explore import wrong
from billing.pages.explorer.form import filter_chips, splits
from billing.pages.render import respond
from billing.templatetags.money import shown
from billing.trace import (
    ClosedRow,
    Part,
    Trace,
    TracedLine,
    amounts,
    cursor,
    decided,
    trace,
)
from billing.trace.decided import UnknownEffectError
from tknops.money import EXACT
from usage.attribution import EFFECTS
from usage.tokens import PRICED

_SIZE = 50
# What a row is told by that has names.
_NAMED = ("customer", "feature", "provider")
Names = Mapping[str, Mapping[str, str]]
_LABELS = {one.name: one.label.removesuffix(" tokens") for one in MEASURES}


@page()
def cell(request: HttpRequest) -> HttpResponse:
    """Show a figure, the dimensions left to split it by, and its events oldest first."""
    try:
        asked = parse(dict(request.GET.lists()), today=timezone.localdate())
        after, closed_after = (request.GET.get(name, "") for name in ("events", "closed"))
        found = trace(
            period=asked.span.period,
            filters=asked.filters,
            after=cursor.decoded(after) if after else None,
            closed_after=closed_after,
            limit=_SIZE,
            check=False,
            basis=asked.basis,
            attributes_on=asked.attributes_on,
        )
        effect = request.GET.get("why") or _effect(asked)
        why = decided(
            effect=effect,
            period=asked.span.period,
            filters=asked.filters,
            basis=asked.basis,
            attributes_on=asked.attributes_on,
        )
    except (WrongQuestionError, cursor.CursorError, UnknownEffectError) as error:
        return wrong(request, str(error))
    names = labels(_NAMED)
    events = [_shown(row, names) for row in found.lines]
    closed = _closed(asked, found, closed_after, names)
    return respond(
        request,
        "explorer_cell",
        title="Figure",
        searchable=False,
        span=asked.span.label,
        filters=filter_chips(asked, request.path),
        drills=[(f"{_explorer(asked)}&rows={key}", text) for key, text in splits(asked, groups())],
        basis=COST_BASES[asked.basis],
        attributes=attributes_text(asked),
        figures=_figures(asked, found),
        why=why,
        why_table=why_table(why, found.cell),
        effects=[
            (one, one.replace("_", " "), f"?{asked.query}&why={one}#tk-why") for one in EFFECTS
        ],
        events=events,
        events_table=events_table(events, as_text(_cost(found)), found.cell)
        if events or not closed
        else None,
        total=found.cell,
        first=_turned(asked, "") if after else "",
        following=_turned(asked, cursor.encoded(found.following)) if found.following else "",
        closed=closed,
        looked_at=True,
        parent=_explorer(asked),
    )


def _closed(asked: Exploration, found: Trace, after: str, names: Names) -> dict[str, Any] | None:
    """Show the frozen rows, of which closes they are, and what is posted elsewhere since."""
    if (part := found.closed) is None:
        return None
    cost = amounts(one.row for one in part.rows).get("cost", Decimal(0))
    whole = None if found.lines else found.cell
    with localcontext(EXACT):
        changed = [row.cost for row in part.difference if row.cost]
        difference = sum(changed, Decimal(0)) if part.difference else None
    return {
        "closes": part.closes,
        "table": closed_table([_row(one, names) for one in part.rows], as_text(cost), whole),
        "posted": part.posted,
        "difference": difference,
        "first": _closed_page(asked, "") if after else "",
        "following": _closed_page(asked, part.following) if part.following else "",
    }


def _row(one: ClosedRow, names: Names) -> dict[str, Any]:
    return {
        **{name: one.keys[name] for name in ("day", "model")},
        **{name: names[name].get(one.keys[name], one.keys[name]) for name in _NAMED},
        "charge_class": one.keys[CHARGE_CLASS],
        "close": one.close,
        "events": one.row.events,
        "quantities": [
            (_LABELS[name], f"{one.row.tokens[name]:,}")
            for name in PRICED if one.row.tokens[name]
        ],
        "unpriced": ", ".join(_LABELS[name] for name in one.row.unpriced),
        "cost": as_text(one.row.cost),
    }  # fmt: skip


def _closed_page(asked: Exploration, after: str) -> str:
    return f"?{asked.query}&{urlencode({'closed': after})}#tk-closed"


def _effect(asked: Exploration) -> str:
    """Return what the figure is of, as far as attributions decide it."""
    return next((name for name in EFFECTS if name in asked.filters), EFFECTS[0])


def _cost(found: Trace) -> Decimal:
    with localcontext(EXACT):
        return sum((row.cost for row in found.lines if row.cost is not None), Decimal(0))


def _explorer(asked: Exploration) -> str:
    return f"{reverse('pages:explorer')}?{asked.query}"


def _turned(asked: Exploration, after: str) -> str:
    return f"?{asked.query}&{urlencode({'events': after})}#tk-events"


def _figures(asked: Exploration, found: Trace) -> list[tuple[str, str, str]]:
    """Label, value and formula of each measure; who used it is not asked again here."""
    return [
        (one.measure.label, shown(one.value(Figures(found.cell)), one.kind), one.measure.formula)
        for one in (OFFERED[name] for name in asked.measures)
        if not one.needs_users
    ]


def _shown(row: TracedLine, names: Names) -> dict[str, Any]:
    key, line, sku, meant = row.line.key, row.line.line, row.context.sku, row.attribution
    return {
        "at": row.line.occurred_at,
        "key": f"{key}, line {line}" if line else str(key),
        "customer": meant.customer if meant and meant.customer else UNATTRIBUTED,
        "feature": meant.feature if meant and meant.feature else UNATTRIBUTED,
        "provider": names["provider"].get(sku.provider_code, sku.provider_code),
        "model": sku.model,
        "quantities": [(_LABELS[part.name], f"{part.quantity:,}") for part in row.parts],
        "prices": [(_LABELS[part.name], _price(part)) for part in row.parts if not part.unpriced]
        if not row.stated
        else [],
        "unpriced": ", ".join(_LABELS[part.name] for part in row.parts if part.unpriced)
        if not row.stated
        else "",
        "unstated": row.stated and row.line.stated_cost is None,
        "context": row.context.pk,
        "rates": sorted({str(part.rate) for part in row.parts if part.rate}),
        "unconverted": any(part.cost is None and not part.unpriced for part in row.parts),
        "cost": as_text(row.cost),
    }


def _price(part: Part) -> str:
    """Write a price, with its currency where it is another than the page's."""
    elsewhere = part.currency not in {None, settings.REPORTING_CURRENCY}
    return f"{as_text(part.per_million)}{f' {part.currency}' if elsewhere else ''}"
