"""What keeps a file from being read."""


class FileError(ValueError):
    """The file cannot be read at all; says what it is and what is accepted."""


class LineError(ValueError):
    """The file cannot be read on from this line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
