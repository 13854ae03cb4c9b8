"""Recognised revenue per day: invoiced from lines, contracted where there is no invoice."""

from billing.revenue.plans import PlanInterval, plan_intervals
from billing.revenue.slices import RevenueSlice, revenue_slices
from billing.revenue.terms import FREE, TRIAL, TermInterval, plan_terms, term_intervals

__all__ = [
    "FREE",
    "TRIAL",
    "PlanInterval",
    "RevenueSlice",
    "TermInterval",
    "plan_intervals",
    "plan_terms",
    "revenue_slices",
    "term_intervals",
]
