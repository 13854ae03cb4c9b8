"""Signs of currencies beside figures: taken off only where they agree with the row's currency."""

import re

from billing.importers.cell_errors import CellError

ANY = "*"  # whatever the sign, where only a sum is wanted
_DOLLARS = frozenset(
    ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN", "CLP", "COP", "ARS", "TWD", "BRL")
)
# What each sign may stand for; a code stands for itself.
_SIGNS = {
    "$": _DOLLARS, "US$": {"USD"}, "A$": {"AUD"}, "C$": {"CAD"}, "€": {"EUR"}, "£": {"GBP"},
    "¥": {"JPY", "CNY"}, "₹": {"INR"}, "₩": {"KRW"}, "R$": {"BRL"}, "CHF": {"CHF"},
    "kr": {"SEK", "NOK", "DKK", "ISK"}, "zł": {"PLN"}, "Kč": {"CZK"}, "₪": {"ILS"},
}  # fmt: skip
_BESIDE = re.compile(
    r"(?P<open>\(?[+-]?)(?P<before>[^\d.,()+-]{0,4})(?P<figure>[+-]?[\d.,]+)(?P<after>[^\d.,()]{0,4}?)"
    r"(?P<close>-?\)?)"
)


def without_symbol(text: str, code: str, column: str) -> str:
    """Return the figure alone. Raises CellError if its sign is of another currency."""
    match = _BESIDE.fullmatch(text)
    if match is None:
        return text
    sign = match["before"] or match["after"]
    if not sign:
        return text
    if code == ANY:
        return f"{match['open']}{match['figure']}{match['close']}"
    means = _SIGNS.get(sign, {sign.upper()})
    if code not in means:
        message = f"column {column!r}: {text!r} is not in {code or 'a known currency'}"
        message += f", which the row's currency says; {sign} is {', '.join(sorted(means))}"
        raise CellError(message, code="currency")
    return f"{match['open']}{match['figure']}{match['close']}"
