"""A believable company, entering through the real doors: events by HTTP, billing by import."""

from billing.demo.build import build, remove

__all__ = ["build", "remove"]
