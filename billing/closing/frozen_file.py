"""Write a frozen month durably, and read what it says."""

import hashlib
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import localcontext
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from billing.margin.closed.fixed import Key
from billing.margin.closed.frozen import Frozen
from billing.margin.cost import together
from billing.margin.query import Question
from billing.margin.rendering import as_text
from billing.measures import CHARGE_CLASS, COST_BASES
from tknops.calendar import Period
from tknops.money import EXACT
from usage.revisions import Revisions

_READ_ONLY = 0o444


@dataclass(frozen=True, slots=True)
class Written:
    """A file of a month as it is on the disk."""

    path: Path
    sha256: str
    rows: int
    size: int


def write(month: Period, revision: int, tables: Iterable[pa.Table]) -> Written:
    """Write and fsync the rows; a crash before the close is committed leaves an unlisted file."""
    folder: Path = settings.CLOSED_DIR
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{month.start:%Y-%m}-r{revision}-{uuid.uuid4().hex[:12]}.parquet"
    rows, writer = 0, None
    for table in tables:
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        rows += table.num_rows
    if writer is None:
        message = "a month has at least a table without rows"
        raise ValueError(message)
    writer.close()
    path.chmod(_READ_ONLY)
    for one in (path, folder):
        descriptor = os.open(one, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return Written(path, digest(path), rows, path.stat().st_size)


def digest(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def figures(path: Path, month: Period) -> dict[str, Any]:
    """Sum a file per charge class and basis of cost, as texts of every digit."""
    found: dict[str, Any] = {}
    with localcontext(EXACT):
        for basis in COST_BASES:
            question = Question((CHARGE_CLASS,), {}, basis=basis)
            answer = Frozen(question, [str(path)], month, Revisions({})).answer()
            for row in answer.costs:
                one = _of(found, row.key)
                whole = together((), [row])
                one |= {
                    "events": whole.events,
                    "tokens": {name: n for name, n in whole.tokens.items() if n},
                    "stated_cost": as_text(whole.stated_cost),
                    f"{basis}_cost": as_text(whole.cost),
                    f"{basis}_cost_of_revenue": as_text(whole.cost_of_revenue),
                    f"{basis}_unpriced_events": whole.unpriced_events,
                    f"{basis}_unpriced_tokens": whole.unpriced_tokens,
                }
        for key, amount in answer.earned.by_key.items():
            _of(found, key)["revenue"] = as_text(amount)
        for key, amount in answer.shared.by_key.items():
            _of(found, key)["allocated_cost"] = as_text(amount)
        for (key, code, _), amount in answer.earned.elsewhere.items():
            _of(found, key).setdefault("revenue_unconverted", {})[code] = as_text(amount)
        for (key, code, _), amount in answer.shared.elsewhere.items():
            _of(found, key).setdefault("allocated_unconverted", {})[code] = as_text(amount)
    return found


def _of(found: dict[str, Any], key: Key) -> dict[str, Any]:
    one: dict[str, Any] = found.setdefault(key[0], {})
    return one
