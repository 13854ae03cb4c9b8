"""From a figure to the lines of the ledger it is made of, and from a line to its figure."""

from billing.trace.closed import ClosedPart, ClosedRow
from billing.trace.decided import Decided, decided
from billing.trace.deciders import Decider
from billing.trace.lines import Part, TracedLine
from billing.trace.place import Place, PlacedLine, place
from billing.trace.sums import Sums, amounts
from billing.trace.trace import LONGEST_PAGE, Trace, trace

__all__ = [
    "LONGEST_PAGE",
    "ClosedPart",
    "ClosedRow",
    "Decided",
    "Decider",
    "Part",
    "Place",
    "PlacedLine",
    "Sums",
    "Trace",
    "TracedLine",
    "amounts",
    "decided",
    "place",
    "trace",
]
