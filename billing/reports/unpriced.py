"""Models used without a price, and what a person can do about each; nothing is booked by itself."""

from urllib.parse import urlencode

from billing.margin import MarginReport, MarginRow
from billing.measures import FORMULAS
from billing.reports.rows import name
from billing.reports.table import Column, Row, Table
from usage.pricing import ModelMatcher

_COLUMNS = (
    Column("model", "Model"),
    Column("provider", "Provider"),
    Column("events", "Calls without a price", "count", FORMULAS["unpriced_events"], adds=True),
    Column("tokens", "Tokens without a price", "tokens", FORMULAS["unpriced_tokens"], adds=True),
    Column("price", "Price"),
    Column("alias", "Or the same as"),
)


def unpriced_table(now: MarginReport, matcher: ModelMatcher, *, currency: str) -> Table | None:
    """Build the table from a report by provider × model; None where every call has a price.

    Rows offer two forms, filled in: a price of the model, and an alias of a near priced one.
    """
    found = [row for row in now.rows if row.unpriced_events]
    if not found:
        return None
    ranked = sorted(found, key=lambda row: (-row.unpriced_events, row.key))
    total = {
        "model": "Total",
        "events": now.total.unpriced_events,
        "tokens": now.total.unpriced_tokens,
    }
    return Table(
        _COLUMNS,
        [_row(now, row, matcher, currency) for row in ranked],
        Row(total),
        caption="Models without a price",
        name="unpriced",
    )


def _row(now: MarginReport, row: MarginRow, matcher: ModelMatcher, currency: str) -> Row:
    provider, model = row.key
    priced = matcher.match(provider, model)
    near = [] if priced else matcher.suggest(provider, model, count=1)
    price = {"provider_code": provider, "model": priced or model, "currency": currency}
    links = {"price": f"usage/price/add/?{urlencode(price)}"}
    actions = {"price": "Add a price"}
    if near:
        alias = {"provider_code": provider, "alias": model, "model": near[0]}
        links["alias"] = f"usage/modelalias/add/?{urlencode(alias)}"
        actions["alias"] = f"Alias to {near[0]}"
    cells = {
        "model": model,
        "provider": name(now, "provider", provider),
        "events": row.unpriced_events,
        "tokens": row.unpriced_tokens,
    }
    return Row(cells, links=links, actions=actions)
