"""Bring together what is sent, what is billed and whom we know: by id, alias, e-mail or hand."""

from billing.matching.assign import assign_groups
from billing.matching.billed import match_billed, match_customers
from billing.matching.merge import merge_customers
from billing.matching.references import KINDS, map_references

__all__ = [
    "KINDS",
    "assign_groups",
    "map_references",
    "match_billed",
    "match_customers",
    "merge_customers",
]
