"""Recognised revenue per day: the rules are in rules.py, in one place."""

from billing.revenue.billed import split_lines
from billing.revenue.contra import Contra, contra
from billing.revenue.deferred import RollForward, roll_forward
from billing.revenue.metered import Claim, Usage, Used, UsedBy, passed_over
from billing.revenue.plans import PlanInterval, plan_intervals
from billing.revenue.priced import PriceMove, price_moves
from billing.revenue.slices import RevenueSlice, lowering_slices, revenue_slices
from billing.revenue.terms import FREE, TRIAL, TermInterval, plan_terms, term_intervals

__all__ = [
    "FREE",
    "TRIAL",
    "Claim",
    "Contra",
    "PlanInterval",
    "PriceMove",
    "RevenueSlice",
    "RollForward",
    "TermInterval",
    "Usage",
    "Used",
    "UsedBy",
    "contra",
    "lowering_slices",
    "passed_over",
    "plan_intervals",
    "plan_terms",
    "price_moves",
    "revenue_slices",
    "roll_forward",
    "split_lines",
    "term_intervals",
]
