"""Shared cost: pools allocated per month by the rule in force, as rows apart from usage cost."""

from billing.margin.allocation.rows import Allocation, allocations, rehearse
from billing.margin.allocation.spread import Allocated, allocated

__all__ = ["Allocated", "Allocation", "allocated", "allocations", "rehearse"]
