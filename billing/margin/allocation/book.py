"""The pools with their amounts and rules, as of a state of their tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from billing.margin.memory import Memory
from billing.models import AllocationRule, CostPool, CostPoolAmount
from usage.revisions import Revisions

TABLES = ("billing_costpool", "billing_costpoolamount", "billing_allocationrule")
_held = Memory()


@dataclass(frozen=True, slots=True)
class Entry:
    """A pool, what it costs and how it is shared out."""

    pool: CostPool
    amounts: Sequence[CostPoolAmount]
    rules: Sequence[AllocationRule]


def book(revisions: Revisions) -> list[Entry]:
    """Return every pool that has an amount, by name."""
    return _held.get(revisions.of(*TABLES), _read)


def forget() -> None:
    """Drop what this process remembers."""
    _held.clear()


def _read() -> list[Entry]:
    pools = CostPool.objects.prefetch_related("amounts", "rules").order_by("name")
    found = [
        Entry(
            pool,
            sorted(pool.amounts.all(), key=lambda amount: (amount.service_start, amount.pk)),
            list(pool.rules.all()),
        )
        for pool in pools
    ]
    return [entry for entry in found if entry.amounts]
