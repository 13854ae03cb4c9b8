"""Load one file: rows to events, events to the ledger in batches, fates counted."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from django.utils import timezone

from usage.ingest import Outcome, ingest
from usage.loading.mapping import Mapping
from usage.loading.reading import rows
from usage.models import Source

BATCH = 2_000
_FIRST_REASONS = 20


@dataclass(slots=True)
class LoadReport:
    """Counts by fate, and the first reasons of rejection with their line."""

    counts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)


def load_file(
    path: Path,
    *,
    source: Source,
    file_format: str,
    mapping: Mapping,
    progress: Callable[[int], None] = lambda _: None,
) -> LoadReport:
    """Load a file; loading it again stores nothing twice.

    A row without an id gets one from the file's hash and its line. `progress` is called with the
    number of rows read so far.
    """
    with path.open("rb") as file:
        mark = hashlib.file_digest(file, "sha256").hexdigest()
    report = LoadReport()
    batch: list[bytes] = []
    lines: list[int] = []
    read = 0
    for number, event in _events(path, file_format, mapping, mark):
        batch.append(event)
        lines.append(number)
        if len(batch) == BATCH:
            read += _load(batch, lines, source, report)
            progress(read)
            batch, lines = [], []
    if batch:
        read += _load(batch, lines, source, report)
        progress(read)
    return report


def _events(
    path: Path, file_format: str, mapping: Mapping, mark: str
) -> Iterator[tuple[int, bytes]]:
    plain = not (mapping.columns or mapping.constants or mapping.zone)
    for number, row in rows(path, file_format):
        if isinstance(row, dict):
            event: Any = mapping.event(row)
        else:
            if plain and b'"id"' in row:
                yield number, row
                continue
            try:
                decoded = msgspec.json.decode(row)
            except msgspec.DecodeError:
                yield number, b"null"
                continue
            event = mapping.complete(decoded) if isinstance(decoded, dict) else decoded
        if isinstance(event, dict):
            event.setdefault("id", f"{mark}:{number}")
        yield number, msgspec.json.encode(event)


def _load(batch: list[bytes], lines: list[int], source: Source, report: LoadReport) -> int:
    result = ingest(b"[" + b",".join(batch) + b"]", source=source, received_at=timezone.now())
    for outcome in Outcome:
        report.counts[outcome] += result.count(outcome)
    for rejected in result.rejected:
        report.codes[rejected.error.code] += 1
        if len(report.reasons) < _FIRST_REASONS:
            report.reasons.append(
                f"line {lines[rejected.index]}: {rejected.error.code}: {rejected.error.detail}"
            )
    return len(batch)
