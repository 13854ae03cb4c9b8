"""Recognised revenue per day: invoiced from lines, contracted where there is no invoice."""

from billing.revenue.plans import PlanInterval, plan_intervals
from billing.revenue.slices import RevenueSlice, revenue_slices

__all__ = ["PlanInterval", "RevenueSlice", "plan_intervals", "revenue_slices"]
