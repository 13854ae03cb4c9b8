"""How traces stand in the OpenAPI document."""

from typing import Any

from usage.attribution import EFFECTS
from usage.tokens import QUANTITIES

Schema = dict[str, Any]
_COUNT: Schema = {"type": "integer"}
_TEXT: Schema = {"type": "string"}
_MAYBE: Schema = {"type": ["string", "null"]}
_DAY: Schema = {"type": "string", "format": "date"}
_MAYBE_DAY: Schema = {"type": ["string", "null"], "format": "date"}
_MONEY: Schema = {"type": ["string", "null"], "description": "A decimal; null is unknown."}


def _object(**properties: Any) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_PRICE = _object(
    id=_COUNT, provider=_TEXT, model=_TEXT, service_tier=_TEXT, region=_TEXT, token_class=_TEXT,
    unit=_TEXT, threshold=_COUNT, window=_TEXT, kind=_TEXT, per_million=_MONEY, currency=_TEXT,
    valid_from=_MAYBE_DAY, valid_to=_MAYBE_DAY, source=_TEXT, source_version=_TEXT,
)  # fmt: skip
_ADJUSTMENT = _object(
    adjustment=_COUNT, name=_TEXT, kind=_TEXT, value=_MONEY, currency=_TEXT,
    valid_from=_MAYBE_DAY, valid_to=_MAYBE_DAY,
)  # fmt: skip
_MADE_OF = _list({"oneOf": [_PRICE, _ADJUSTMENT]})
_RATE = _object(base=_TEXT, quote=_TEXT, date=_DAY, rate=_TEXT, source=_TEXT, how=_TEXT)
_QUANTITY = _object(
    name=_TEXT, quantity=_COUNT, per_million=_MONEY, currency=_MAYBE,
    rate={"oneOf": [_RATE, {"type": "null"}]}, prices=_MADE_OF, cost=_MONEY, reason=_MAYBE,
)  # fmt: skip
_CONTEXT = _object(
    id=_COUNT, provider=_TEXT, model=_TEXT, service_tier=_TEXT, region=_TEXT, customer=_TEXT,
    user=_TEXT, feature=_TEXT, team=_TEXT, api_key=_TEXT, environment=_TEXT, operation=_TEXT,
    outcome=_TEXT, unit=_TEXT, tags={"type": "object", "additionalProperties": _TEXT},
)  # fmt: skip
_RULE = _object(id=_COUNT, name=_MAYBE, position={"type": ["integer", "null"]})
_DECIDED: Schema = {"oneOf": [_RULE, {"type": "null"}]}
_ATTRIBUTION = _object(
    customer=_MAYBE, end_user=_MAYBE, feature=_MAYBE, team=_MAYBE, cost_class=_TEXT,
    valid_from=_MAYBE_DAY, valid_to=_MAYBE_DAY,
    run=_object(
        id=_COUNT, reason=_TEXT, created_at=_TEXT, rule_revision={"type": ["integer", "null"]}
    ),
    rules=_object(**dict.fromkeys(EFFECTS, _DECIDED)),
)  # fmt: skip
_FIGURES = {
    "events": _COUNT, **dict.fromkeys(QUANTITIES, _COUNT), "cost": _MONEY, "stated_cost": _MONEY,
    "unpriced_events": _COUNT, "unpriced_tokens": _COUNT,
}  # fmt: skip
_LINE = _object(
    event=_TEXT, source=_TEXT, line=_COUNT, time=_TEXT, day=_DAY, batch=_COUNT, context=_CONTEXT,
    attribution={"oneOf": [_ATTRIBUTION, {"type": "null"}]},
    plans=_list(_object(plan=_TEXT, share=_TEXT, of=_TEXT)),
    band=_COUNT, window=_TEXT,
    sent_quantities={"type": "object", "additionalProperties": _COUNT},
    events=_COUNT, quantities=_list(_QUANTITY), reasoning_tokens=_COUNT, cost=_MONEY,
    stated_cost=_MONEY, unpriced_events=_COUNT, unpriced_tokens=_COUNT,
)  # fmt: skip
# What a correction changes may be below 0.
_CHANGE: Schema = {"type": "integer"}
_CHANGES = {
    **_FIGURES, "events": _CHANGE, **dict.fromkeys(QUANTITIES, _CHANGE),
    "unpriced_events": _CHANGE, "unpriced_tokens": _CHANGE,
}  # fmt: skip
_CLOSED_ROW = _object(
    keys={"type": "object", "additionalProperties": _TEXT}, close=_MAYBE, posted=_MAYBE_DAY,
    **_CHANGES,
)  # fmt: skip
_CLOSED = _object(
    months=_list(
        _object(
            month=_TEXT, revision=_COUNT, closed_at=_TEXT, file_sha256=_TEXT, sha256=_TEXT,
            rates=_list({"type": "object"}), rests_on={"type": "object"},
        )
    ),
    rows=_list(_CLOSED_ROW), next_cursor=_MAYBE, posted_in=_TEXT,
    difference={"oneOf": [_object(**_CHANGES), {"type": "null"}]},
)  # fmt: skip
_WHY = _object(
    effect=_TEXT, cost=_MONEY,
    decided_by=_list(
        _object(
            kind=_TEXT, said=_TEXT, rule=_DECIDED, rule_revision={"type": ["integer", "null"]},
            runs=_list(_COUNT), cost=_MONEY, events={"type": "integer"}, unpriced_events=_COUNT,
        )
    ),
)  # fmt: skip
TRACE = _object(
    start=_DAY, end=_DAY, filters={"type": "object", "additionalProperties": _list(_TEXT)},
    currency=_TEXT, as_of=_MAYBE, cost_basis=_TEXT, why={"oneOf": [_WHY, {"type": "null"}]},
    cell=_object(**_FIGURES, revenue=_MONEY, margin=_MONEY, margin_pct=_MONEY, basis=_TEXT),
    lines_total={"oneOf": [_object(**_FIGURES), {"type": "null"}]},
    equal={"type": ["boolean", "null"]}, lines=_list(_LINE), next_cursor=_MAYBE,
    closed={"oneOf": [_CLOSED, {"type": "null"}]},
)  # fmt: skip
PLACED = _object(
    lines=_list(
        _object(
            event=_TEXT, source=_TEXT, line=_COUNT, time=_TEXT, in_reports={"type": "boolean"},
            cells=_list(
                _object(
                    keys={"type": "object", "additionalProperties": _TEXT}, start=_DAY, end=_DAY,
                    trace=_TEXT, line={"oneOf": [_LINE, {"type": "null"}]},
                    closed={"oneOf": [_CLOSED_ROW, {"type": "null"}]},
                )
            ),
        )
    )
)  # fmt: skip
