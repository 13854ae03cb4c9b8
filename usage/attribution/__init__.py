"""Whose and what for: derive an attribution for every context, old and new."""

from usage.attribution.conditions import BadPatternError, check_pattern
from usage.attribution.conflicts import RuleConflict, conflicts
from usage.attribution.derive import apply_rules, attribute, attribute_if_changed
from usage.attribution.known import known_customers
from usage.attribution.revert import CannotRevertError, discard_edits, revert
from usage.attribution.rules import EFFECTS, compiled, in_force, snapshot
from usage.attribution.targets import retarget, unpin
from usage.attribution.why import Reason, why

__all__ = [
    "EFFECTS",
    "BadPatternError",
    "CannotRevertError",
    "Reason",
    "RuleConflict",
    "apply_rules",
    "attribute",
    "attribute_if_changed",
    "check_pattern",
    "compiled",
    "conflicts",
    "discard_edits",
    "in_force",
    "known_customers",
    "retarget",
    "revert",
    "snapshot",
    "unpin",
    "why",
]
