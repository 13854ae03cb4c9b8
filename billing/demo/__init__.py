"""A believable company, entering through the real doors: events by HTTP, billing by import."""

from billing.demo.build import DemoRefusedError, build, remove

__all__ = ["DemoRefusedError", "build", "remove"]
