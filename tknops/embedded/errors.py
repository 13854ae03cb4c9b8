"""What can go wrong, each with a sentence for the operator."""


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot be used; the message names the thing and what to do."""
