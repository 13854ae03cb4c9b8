"""What a person decides about shared cost: amounts by file, and rules with a look before."""

from billing.pools.files import COLUMNS, apply_amounts, read_amounts, undo_amounts
from billing.pools.rules import adopt_rule, overlapping, with_rule, withdraw_rule
from billing.pools.usage import clashing

__all__ = [
    "COLUMNS",
    "adopt_rule",
    "apply_amounts",
    "clashing",
    "overlapping",
    "read_amounts",
    "undo_amounts",
    "with_rule",
    "withdraw_rule",
]
