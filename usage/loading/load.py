"""Load one file: records to events, events to the ledger in batches, fates counted."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.utils import timezone

from usage.ingest import BodyError, Outcome, note_known, rehearse, take
from usage.ingest.scrub import readable
from usage.loading.formats import NATIVE, batch_size, decoder
from usage.loading.gaps import unattributed, unpriced
from usage.loading.mapping import Mapping
from usage.loading.reading import records
from usage.loading.report import LoadReport
from usage.models import Source


def load_file(
    path: Path,
    *,
    source: Source,
    file_format: str,
    mapping: Mapping,
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    dry_run: bool = False,
) -> LoadReport:
    """Load a file; loading it again, also after a cancel or crash, stores nothing twice.

    A record without an id gets one from the file's hash and its line. `progress` is told the bytes
    of the file behind; `cancelled` is asked between batches, each of which is stored whole or not
    at all. Raises FileError, and OperationalError if the ledger cannot be written.
    """
    with path.open("rb") as file:
        mark = hashlib.file_digest(file, "sha256").hexdigest()
    report = LoadReport()
    decode = decoder(file_format, mapping=mapping, mark=mark)
    behind = [0]
    prepared = _prepared(path, file_format, mapping, mark, behind)
    for batch, lines in _batches(prepared, batch_size(file_format)):
        if cancelled():
            report.cancelled = True
            break
        try:
            decoded = decode(batch, lines)
        except BodyError as error:
            report.counts[Outcome.REJECTED] += 1
            report.reject(lines[0], error.code, error.detail)
        else:
            fate = rehearse if dry_run else take
            result = fate(decoded, source=source, received_at=timezone.now())
            report.add(result, lines)
            if not dry_run:
                note_known(source_id=source.pk, ids=result.ids.values())
        progress(behind[0])
    if report.batches:
        report.unattributed = unattributed(report.batches)
        report.unpriced = unpriced(report.batches)
    return report


def _prepared(
    path: Path, file_format: str, mapping: Mapping, mark: str, behind: list[int]
) -> Iterator[tuple[int, bytes]]:
    """Yield (line, JSON text) of each record, ready for the format's decoder."""

    def at(position: int) -> None:
        behind[0] = position

    native = file_format in NATIVE
    for number, content in records(path, at):
        if isinstance(content, dict):
            if None in content:
                content.pop(None)  # type: ignore[call-overload]
            row = mapping.event(content) if native else content
            yield number, _identified(row, mark, number) if native else msgspec.json.encode(row)
        elif native:
            yield number, _native(content, mapping, mark, number)
        else:
            yield number, content


def _native(text: bytes, mapping: Mapping, mark: str, number: int) -> bytes:
    plain = not (mapping.columns or mapping.constants or mapping.zone)
    if plain and b'"id"' in text:
        return text
    # Fractions stay as they are written: texts of decimals are accepted where numbers are.
    event = readable(text)
    return _identified(mapping.record(event), mark, number) if isinstance(event, dict) else text


def _identified(event: dict[str, Any], mark: str, number: int) -> bytes:
    event.setdefault("id", f"{mark}:{number}")
    return msgspec.json.encode(event)


def _batches(
    found: Iterator[tuple[int, bytes]], size: int
) -> Iterator[tuple[list[bytes], list[int]]]:
    batch: list[bytes] = []
    lines: list[int] = []
    for number, content in found:
        batch.append(content)
        lines.append(number)
        if len(batch) == size:
            yield batch, lines
            batch, lines = [], []
    if batch:
        yield batch, lines
