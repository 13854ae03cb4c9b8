"""Keep a spreadsheet from running a text as a formula.

OWASP ASVS 1.2.10: a cell that begins with = + - @, tab, CR or NUL is run, full-width signs too.
"""

from decimal import Decimal, InvalidOperation

_RUN = frozenset("=+-@\t\r\n\0＝＋－＠")


def defused(text: str) -> str:
    """Return the text as it is, or behind an apostrophe if a spreadsheet would run it.

    A plain number is left alone, a minus sign and all. What an apostrophe already stands before
    gets another, so that `restored` gives back the very text.
    """
    rest = text.lstrip("'")
    if rest[:1] not in _RUN:
        return text
    try:
        Decimal(rest)
    except InvalidOperation:
        return f"'{text}"
    return text


def restored(text: str) -> str:
    """Take back what `defused` did: the text as it was exported from."""
    return text[1:] if text[:1] == "'" and defused(text[1:]) == text else text
