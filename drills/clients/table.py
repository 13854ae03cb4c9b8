"""The drill's result as a table, and below it every difference with its cause."""

from dataclasses import dataclass, field
from decimal import Decimal

from drills.clients.compare import Comparison
from drills.clients.emitters import Emitter
from drills.clients.ledger import Stored

_TITLES = (
    "emitter",
    "calls",
    "stored",
    "equal",
    "unsaid",
    "wrong",
    "cost USD",
    "stated",
    "ignored",
)


@dataclass(slots=True)
class Row:
    """One emitter: what it did, what is stored, and what differs."""

    emitter: Emitter
    found: Comparison
    stored: list[Stored]
    batches: dict[str, int]
    stated: tuple[int, int]
    cost: Decimal = Decimal(0)
    cost_differences: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """What tknOps made of it that it should not have."""
        return self.found.wrong + self.cost_differences

    @property
    def fails(self) -> bool:
        """Whether the drill fails by it: known gaps do not fail it, wrong costs always do."""
        return bool(self.cost_differences or (self.found.wrong and not self.emitter.gap))

    @property
    def cells(self) -> list[str]:
        """Render for the table."""
        others = ", ".join(f"{name} {count}" for name, count in self.batches.items())
        unsaid = sum(map(len, self.found.unsaid.values()))
        stating, agreeing = self.stated
        figures = (self.found.calls, len(self.stored), self.found.equal, unsaid, len(self.wrong))
        return [
            self.emitter.name,
            *(f"{figure}" for figure in figures),
            f"{self.cost:.8f}",
            f"{agreeing}/{stating}" if stating else "—",
            others or "—",
        ]


def show(rows: list[Row]) -> None:
    """Print the table and the differences."""
    lines = [list(_TITLES), *(row.cells for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_TITLES))]
    for line in lines:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
    print(
        "\ncalls: answers of the provider; unsaid: figures the emitter does not send; wrong: what "
        "tknOps lost,\ndouble counted or priced unlike genai-prices; stated: calls whose emitter "
        "states a cost, equal/all.\n"
    )
    for row in rows:
        for what, cases in row.found.unsaid.items():
            print(f"{row.emitter.name}: does not send {what}: {', '.join(cases)}")
        for difference in row.wrong:
            known = f" (known gap: {row.emitter.gap})" if row.emitter.gap else ""
            print(f"{row.emitter.name}: WRONG{known}: {difference}")
