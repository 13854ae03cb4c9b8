"""Which of the stored events no customer or no price is known for, and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, QuerySet, Sum

from usage.attribution import known_customers
from usage.models import Context, UsageEvent
from usage.pricing.gaps import UNKNOWN_MODEL
from usage.pricing.lookup import price_rows
from usage.tokens import TOKEN_CLASSES, TOKENS, UNITS

_PARENTS = {token.name: token.falls_back_to for token in TOKEN_CLASSES}


def unattributed(batches: Sequence[int]) -> Counter[str]:
    """Count events without a known customer, by reason. Uses index: usage_event_batch."""
    known = known_customers()
    found: Counter[str] = Counter()
    contexts = dict(_contexts(batches))
    references = Context.objects.filter(pk__in=contexts).values_list("pk", "customer_reference")
    for pk, reference in references:
        if reference not in known:
            found["no such customer" if reference else "no customer sent"] += contexts[pk]
    return found


def unpriced(batches: Sequence[int]) -> Counter[str]:
    """Count priced lines that some price is missing for, by reason and model."""
    tokens, units = _priced()
    found: Counter[str] = Counter()
    sums: Any = {f"sum_{name}": Sum(name) for name in (*TOKENS, UNITS)}
    rows: Any = (
        _lines(batches)
        .values("context__sku", "context__sku__provider_code", "context__sku__model",
                "context__unit")
        .annotate(lines=Count("key"), **sums)
    )  # fmt: skip
    for row in rows:
        sku = row["context__sku"]
        used = [name for name in TOKENS if row[f"sum_{name}"]]
        missing = [name for name in used if not _covered(name, tokens[sku])]
        if row[f"sum_{UNITS}"] and row["context__unit"] not in units[sku]:
            missing.append(UNITS)
        if missing:
            provider, model = row["context__sku__provider_code"], row["context__sku__model"]
            why = f"no price of {', '.join(missing)}"
            if not (tokens[sku] or units[sku]):
                why = UNKNOWN_MODEL
            found[f"{provider} {model}: {why}"] += row["lines"]
    return found


def _lines(batches: Sequence[int]) -> QuerySet[UsageEvent]:
    return UsageEvent.objects.filter(batch_id__in=batches)


def _contexts(batches: Sequence[int]) -> Iterable[tuple[int, int]]:
    counted = _lines(batches).filter(line=0).values("context_id").annotate(events=Count("key"))
    return counted.values_list("context_id", "events")


def _priced() -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Return per SKU the classes and units that have a price at some time."""
    tokens: dict[int, set[str]] = defaultdict(set)
    units: dict[int, set[str]] = defaultdict(set)
    for row in price_rows():
        tokens[row.sku_id] |= row.tokens.keys()
        units[row.sku_id] |= row.units.keys()
    return tokens, units


def _covered(name: str, priced: set[str]) -> bool:
    return name in priced or any(parent in priced for parent in _PARENTS[name])
