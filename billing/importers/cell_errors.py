"""What can be wrong with a cell."""


class CellError(ValueError):
    """A cell that cannot be used: column, value and what is accepted; with a code for machines."""

    def __init__(self, message: str, *, code: str = "cell") -> None:
        super().__init__(message)
        self.code = code


class AskError(CellError):
    """A cell that may mean two things: a person says which, for the whole file."""

    def __init__(self, about: str, message: str) -> None:
        super().__init__(message, code=f"ask_{about}")
