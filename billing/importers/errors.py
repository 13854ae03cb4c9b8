"""What keeps a file from being imported, by line, in sentences."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a line of the file."""

    line: int
    message: str
    code: str = "row"


@dataclass(slots=True)
class Found:
    """Errors counted, the first of them kept."""

    most: int = 100
    count: int = 0
    first: list[RowError] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)

    def add(self, line: int, message: str, code: str = "row") -> None:
        """Note an error."""
        self.count += 1
        self.codes[code] += 1
        if len(self.first) < self.most:
            self.first.append(RowError(line, message, code))


class ImportRefusedError(ValueError):
    """Nothing was written; `errors` name lines and reasons."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__("; ".join(f"line {one.line}: {one.message}" for one in errors[:5]))
        self.errors = errors

    @property
    def sentence(self) -> str:
        """Why, with the lines; without where it is about the file as a whole, noted at line 1."""
        whole = len(self.errors) == 1 and self.errors[0].line == 1
        return self.errors[0].message if whole else str(self)
