"""Recognised revenue per day: the rules are in rules.py, in one place."""

from billing.revenue.metered import Usage, Used
from billing.revenue.plans import PlanInterval, plan_intervals
from billing.revenue.slices import RevenueSlice, revenue_slices
from billing.revenue.terms import FREE, TRIAL, TermInterval, term_intervals

__all__ = [
    "FREE",
    "TRIAL",
    "PlanInterval",
    "RevenueSlice",
    "TermInterval",
    "Usage",
    "Used",
    "plan_intervals",
    "revenue_slices",
    "term_intervals",
]
