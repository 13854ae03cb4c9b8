"""Records of a file, read as a stream: JSON lines, a JSON array, CSV or Parquet; also gzipped."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_FOREIGN = {b"%PDF": "a PDF", b"PK\x03\x04": "a workbook or an archive: save the table as CSV"}
_LISTS = ("events", "data")


class Record(NamedTuple):
    """A line of the file: JSON text, or the cells of a table by column."""

    line: int
    content: bytes | dict[str, Any]


class FileError(ValueError):
    """The file cannot be read as what it is; names the file and the reason."""


def records(path: Path, at: Callable[[int], None] = lambda _: None) -> Iterator[Record]:
    """Yield the records; `at` is told how many bytes of the file are behind. Raises FileError."""
    try:
        yield from _records(path, at)
    except (OSError, EOFError) as error:
        message = f"{path.name} cannot be read: {error}"
        raise FileError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path.name} is not UTF-8"
        raise FileError(message) from error
    except csv.Error as error:
        message = f"{path.name} is not CSV: {error}"
        raise FileError(message) from error
    except (pa.ArrowException, msgspec.MsgspecError) as error:
        message = f"{path.name} cannot be decoded: {error}"
        raise FileError(message) from error


def guess_format(name: str) -> str:
    """Tell a table from JSON by the file's name."""
    return "csv" if _is_csv(Path(name)) else "native"


def _is_csv(path: Path) -> bool:
    return ".csv" in [suffix.lower() for suffix in path.suffixes]


def _records(path: Path, at: Callable[[int], None]) -> Iterator[Record]:
    with path.open("rb") as raw:
        magic = raw.read(4)
        raw.seek(0)
        if (kind := _FOREIGN.get(magic)) is not None:
            message = f"{path.name} cannot be read: it is {kind}"
            raise FileError(message)
        if magic == _PARQUET:
            yield from _parquet(raw, path.stat().st_size, at)
            return
        file: Any = gzip.GzipFile(fileobj=raw) if magic[:2] == _GZIP else raw
        found = _csv(file) if _is_csv(path) else _json(file)
        for number, content in found:
            at(raw.tell())
            yield Record(number, content)


def _csv(file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    head = lines.readline()
    delimiter = max(",;\t", key=head.count)
    names = next(csv.reader([head], delimiter=delimiter), [])
    # Long cells are content that is not loaded; the default would refuse their rows.
    csv.field_size_limit(64 * 1024 * 1024)
    reader = csv.DictReader(_each(lines), fieldnames=names, delimiter=delimiter)
    for row in reader:
        yield reader.line_num + 1, row


def _each(lines: IO[str]) -> Iterator[str]:
    """Read line by line without the iterator, which would forbid to tell the position."""
    while line := lines.readline():
        yield line


def _json(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    first = file.readline().removeprefix(b"\xef\xbb\xbf")
    if first.strip() in {b"{", b""} or first.lstrip()[:1] == b"[":
        yield from enumerate(_document(first + file.read()), start=1)
        return
    number, line = 1, first
    while line:
        if line.strip():
            yield number, line.strip()
        line, number = file.readline(), number + 1


def _document(text: bytes) -> list[bytes]:
    """Split a whole JSON document: an array, an object around one, or a single record."""
    if not text.strip():
        return []
    if text.lstrip()[:1] == b"{":
        members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        inner = next((bytes(members[name]) for name in _LISTS if name in members), b"")
        text = inner if inner[:1] == b"[" else b"[%b]" % text
    return [bytes(raw) for raw in msgspec.json.decode(text, type=list[msgspec.Raw])]


def _parquet(raw: IO[bytes], size: int, at: Callable[[int], None]) -> Iterator[Record]:
    """Read one row group after the other; lines count rows."""
    file = pq.ParquetFile(raw)
    number = 0
    for group in range(file.num_row_groups):
        for batch in file.iter_batches(row_groups=[group], batch_size=2_000):
            for row in batch.to_pylist():
                number += 1
                yield Record(number, {name: _plain(value) for name, value in row.items()})
        at(size * (group + 1) // file.num_row_groups)


def _plain(value: Any) -> Any:
    """Spell what JSON has no type for: instants, decimals, nested tables."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if value is None or isinstance(value, str | int | list):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
