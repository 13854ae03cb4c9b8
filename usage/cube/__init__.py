"""The columnar copy of the ledger: daily sums in immutable Parquet files."""

from usage.cube.compact import compact
from usage.cube.duck import connect
from usage.cube.fold import fold
from usage.cube.read import covered, cube_files, events_of, received_to, register_cube
from usage.cube.rebuild import cut_for, rebuild, refold
from usage.cube.verify import Difference, verify

__all__ = [
    "Difference",
    "compact",
    "connect",
    "covered",
    "cube_files",
    "cut_for",
    "events_of",
    "fold",
    "rebuild",
    "received_to",
    "refold",
    "register_cube",
    "verify",
]
