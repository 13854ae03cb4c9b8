"""A month's reconciliation in one sentence."""

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings

from billing.reconciliation import GREEN, PARTS, Reconciliation
from billing.reports.reconciliation import coverage, provider_name
from billing.reports.rows import ZERO
from billing.templatetags.money import money, percent, signed_money
from tknops.money import minor_digits, round_half_up


def sentence(found: Sequence[Reconciliation], label: str) -> str:
    """Say in one sentence what was billed, how much of it was tracked, and what is between."""
    known = sorted((one for one in found if one.billed is not None), key=_billed, reverse=True)
    if not known:
        return f"No bill for {label} yet: usage is tracked, but nothing says it is all."
    first = known[0]
    if len(known) == 1:
        return f"{_said(first, label)}; {_mostly(first)}."
    billed = sum((one.billed or ZERO for one in known), ZERO)
    off = [one for one in known if one.state != GREEN]
    told = (
        "; ".join(f"{provider_name(one.provider)} is {one.state}: {_mostly(one)}" for one in off)
        or "every provider is within its threshold"
    )
    return (
        f"{len(known)} providers billed {money(billed)} for {label}; we tracked "
        f"{percent(coverage(known))} of their usage cost; {told}."
    )


def _billed(found: Reconciliation) -> Decimal:
    return found.billed or ZERO


def _said(found: Reconciliation, label: str) -> str:
    covered = found.coverage
    tracked = f"we tracked {percent(covered)}" if covered is not None else "nothing was tracked"
    return f"{provider_name(found.provider)} billed {money(found.billed)} for {label}; {tracked}"


def _mostly(found: Reconciliation) -> str:
    """Name the largest parts of a variance that shows at all."""
    digits = minor_digits(settings.REPORTING_CURRENCY)
    seen = [(n, a) for n, a in found.parts.items() if round_half_up(a, digits)]
    if not seen:
        return "the bill ties"
    largest = sorted(seen, key=lambda one: -abs(one[1]))[:2]
    told = [f"{signed_money(amount)} {PARTS[name][0].lower()}" for name, amount in largest]
    return f"{_beyond(found)}, {_which(seen, told)}"


def _beyond(found: Reconciliation) -> str:
    variance = found.variance or ZERO
    side = "below" if variance < 0 else "beyond"
    return f"{money(abs(variance))} {side} what reports show"


def _which(seen: Sequence[object], told: Sequence[str]) -> str:
    if len(seen) == 1:
        return f"all of it {told[0].split(' ', 1)[1]}"
    return f"{'' if len(seen) == len(told) else 'mostly '}{' and '.join(told)}"
