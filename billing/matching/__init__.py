"""Bring together what is sent, what is billed and whom we know: by id, alias, e-mail or hand."""

from billing.matching.assign import assign_groups
from billing.matching.billed import match_billed, match_customers
from billing.matching.domains import company_domain
from billing.matching.history import undo_match
from billing.matching.merge import merge_customers
from billing.matching.references import KINDS, map_references
from billing.matching.suggest import Suggestion, suggest

__all__ = [
    "KINDS",
    "Suggestion",
    "assign_groups",
    "company_domain",
    "map_references",
    "match_billed",
    "match_customers",
    "merge_customers",
    "suggest",
    "undo_match",
]
