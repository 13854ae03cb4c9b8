"""What the stored usage should cost, worked out by the catalogue's own calculator."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import genai_prices

from drills.clients.ledger import Stored


def calculated(line: Stored) -> Decimal | None:
    """Price one call; None where the catalogue has no price for its model."""
    counts = line.counts
    if not counts.given + counts.output_tokens:
        return Decimal(0)
    usage = genai_prices.Usage(
        input_tokens=counts.given,
        cache_read_tokens=counts.cache_read_tokens,
        cache_write_tokens=counts.cache_write_tokens + counts.cache_write_1h_tokens,
        cache_write_1h_tokens=counts.cache_write_1h_tokens,
        output_tokens=counts.output_tokens,
    )
    try:
        return genai_prices.calc_price(usage, line.model, provider_id=line.provider).total_price
    except LookupError:
        return None


def compare_costs(
    source: str,
    stored: Sequence[Stored],
    reported: Mapping[tuple[str, str], tuple[Decimal | None, int]],
) -> tuple[Decimal, list[str]]:
    """Return the report's cost of a source, and each case where the calculator says otherwise."""
    by_case: dict[str, list[Stored]] = {}
    for line in stored:
        by_case.setdefault(line.case, []).append(line)
    total, wrong = Decimal(0), []
    for case, lines in by_case.items():
        prices = [calculated(line) for line in lines]
        expected = sum((price for price in prices if price is not None), Decimal(0))
        unpriced = prices.count(None)
        cost, without = reported.get((source, case), (None, 0))
        total += cost or 0
        if (cost or 0) != expected or without != unpriced:
            wrong.append(
                f"{case or '?'}: cost {cost} ({without} unpriced) reported, "
                f"{expected} ({unpriced} unpriced) calculated"
            )
    return total, wrong


def stated_costs(stored: Sequence[Stored]) -> tuple[int, int]:
    """Count the calls whose emitter states a cost, and those equal to the calculated one."""
    stating = [line for line in stored if line.stated is not None]
    near = Decimal("1e-12")  # emitters work in binary fractions
    equal = sum(
        (price := calculated(line)) is not None and abs(price - line.stated) < near
        for line in stating
    )
    return len(stating), equal
