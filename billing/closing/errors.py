"""Why a month cannot be closed or opened again."""


class ClosingError(ValueError):
    """Says what stands against it, and what to do."""
