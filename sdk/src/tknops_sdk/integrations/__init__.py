"""Frameworks: each module needs its own package and nothing else; none is imported from here."""
