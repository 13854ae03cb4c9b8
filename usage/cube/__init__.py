"""The columnar copy of the ledger: daily sums in immutable Parquet files."""

from usage.cube.aggregate import Part, aggregate
from usage.cube.bands import folded_bands
from usage.cube.columns import SCHEMA
from usage.cube.compact import compact
from usage.cube.duck import connect
from usage.cube.fold import fold
from usage.cube.lines import FIRST, LedgerLine, Position, ledger_lines
from usage.cube.read import (
    contexts_of,
    covered,
    cube_files,
    events_of,
    late_months,
    received_to,
    register_cube,
    rows_of,
    stated_currencies,
)
from usage.cube.rebuild import cut_for, rebuild, refold
from usage.cube.verify import Difference, verify

__all__ = [
    "FIRST",
    "SCHEMA",
    "Difference",
    "LedgerLine",
    "Part",
    "Position",
    "aggregate",
    "compact",
    "connect",
    "contexts_of",
    "covered",
    "cube_files",
    "cut_for",
    "events_of",
    "fold",
    "folded_bands",
    "late_months",
    "ledger_lines",
    "rebuild",
    "received_to",
    "refold",
    "register_cube",
    "rows_of",
    "stated_currencies",
    "verify",
]
