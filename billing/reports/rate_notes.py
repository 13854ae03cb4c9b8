"""The footnote of converted figures: which currencies, at rates of which days, by whom."""

from collections.abc import Sequence

from billing.rates import Rate


def converted(rates: Sequence[Rate]) -> str:
    """Name the currencies converted, the days of their rates and who published them."""
    codes = ", ".join(dict.fromkeys(rate.base for rate in rates))
    days = sorted({rate.date for rate in rates})
    first, last = f"{days[0]:%d %b %Y}", f"{days[-1]:%d %b %Y}"
    sources = ", ".join(dict.fromkeys(rate.source for rate in rates))
    between = f"{first} to {last}" if len(days) > 1 else first
    count = f"{len(rates):,} rate{'s' if len(rates) > 1 else ''}"
    return f"{codes} converted at {count} of {between} ({sources})"
