"""Exact money: one rounding, one allocation, and a context that refuses to lose a digit."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation

# Sums and products of ledger figures fit into 60 digits; one that does not is an error, not a loss.
EXACT = Context(prec=60, traps=[InvalidOperation, DivisionByZero, Inexact])
_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero])
MILLION = Decimal(1_000_000)

ZERO_DECIMAL = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def minor_digits(currency: str) -> int:
    """Decimals of the currency's minor unit (ISO 4217; zero- and three-decimal lists of Stripe)."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def round_half_up(amount: Decimal, digits: int) -> Decimal:
    """Round half away from zero, as PostgreSQL's round(numeric) does: 0.125 → 0.13."""
    return amount.quantize(Decimal(1).scaleb(-digits), context=_ROUNDING)


def divide(numerator: Decimal, denominator: Decimal, digits: int) -> Decimal | None:
    """Quotient rounded half-up to so many decimals; None where the denominator is 0."""
    if not denominator:
        return None
    return round_half_up(_ROUNDING.divide(numerator, denominator), digits)


def cumulative_share(amount: int, part: int, whole: int) -> int:
    """The first part of whole of an integer amount, half away from zero (finance: R(k))."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) * part + whole) // (2 * whole))


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split whole minor units by weights: largest remainder, ties to the earlier, sums to amount.

    Raises ValueError if a weight is negative or all are 0.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        message = f"weights {list(weights)}: at least one must be above 0 and none below"
        raise ValueError(message)
    sign, size = (-1 if amount < 0 else 1), abs(amount)
    parts = [size * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % total), i))
    for index in by_remainder[: size - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]
