"""Drills: the promises tried on a real installation, for minutes; each prints its numbers."""
