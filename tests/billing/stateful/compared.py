"""Rows of the product and of the model, made comparable."""

from fractions import Fraction

from tests.billing.stateful.model import COUNTED, Row


def figures(events, tokens, cost, row):
    """Put what is compared in a row; without usage no cost is as good as a cost of 0."""
    counts = [tokens[name] for name in COUNTED]
    stated = row.stated if isinstance(row, Row) else row.stated_cost
    used = events or any(counts)
    return (
        events,
        *counts,
        *(
            None if money is None or not used else Fraction(money)
            for money in (cost, row.cost_of_revenue)
        ),
        None if stated is None else Fraction(stated),
        row.unpriced_events,
        row.unpriced_tokens,
        Fraction(row.revenue or 0),
    )


def there(rows):
    """Leave out rows that say nothing."""
    return {key: row for key, row in rows.items() if any(row)}


def total_of(rows):
    total = Row()
    for row in rows:
        for name in ("events", "money", "priced", "unpriced", "unpriced_events", "unpriced_tokens"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        for name in COUNTED:
            total.counts[name] += row.counts[name]
        for name, figure in row.of_revenue.items():
            total.of_revenue[name] += figure
        total.revenue = (total.revenue or 0) + (row.revenue or 0)
        if row.stated is not None:
            total.stated = (total.stated or 0) + row.stated
    return total
