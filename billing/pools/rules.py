"""Change how a pool is shared out: a rule from a day on, the one before ended there."""

import datetime as dt

from django.db import transaction

from billing.models import AllocationRule


def overlapping(rule: AllocationRule) -> list[AllocationRule]:
    """Return the pool's other rules in force on a day of this one, the earliest first."""
    others = AllocationRule.objects.filter(pool=rule.pool_id).exclude(pk=rule.pk)
    start, end = rule.valid_from or dt.date.min, rule.valid_to or dt.date.max
    return sorted(
        (
            other
            for other in others
            if (other.valid_from or dt.date.min) < end and start < (other.valid_to or dt.date.max)
        ),
        key=lambda other: other.valid_from or dt.date.min,
    )


def can_end(other: AllocationRule, rule: AllocationRule) -> bool:
    """Whether the other began before this rule and runs without an end beyond its start."""
    return (
        rule.valid_from is not None
        and other.valid_to is None
        and (other.valid_from or dt.date.min) < rule.valid_from
    )


def with_rule(rule: AllocationRule, ends: AllocationRule | None) -> list[AllocationRule]:
    """Return the pool's rules as they would be, without changing any."""
    kept = list(AllocationRule.objects.filter(pool=rule.pool_id).exclude(pk=rule.pk))
    for other in kept:
        if ends is not None and other.pk == ends.pk:
            other.valid_to = rule.valid_from
    return [*kept, rule]


@transaction.atomic
def adopt_rule(*, rule: AllocationRule, ends: AllocationRule | None) -> AllocationRule:
    """Store a rule, new or changed, and end the one it follows on its first day."""
    if ends is not None:
        ends.valid_to = rule.valid_from
        ends.save(update_fields=["valid_to"])
    rule.save()
    return rule


def withdraw_rule(*, rule: AllocationRule) -> None:
    """Take a rule out for all days; the log keeps it."""
    rule.delete()
