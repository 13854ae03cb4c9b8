"""Rows of a file: JSONL, a JSON array or CSV, each also gzipped, read as a stream."""

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

_GZIP = b"\x1f\x8b"


def rows(path: Path, file_format: str) -> Iterator[tuple[int, bytes | dict[str, Any]]]:
    """Yield (line number, JSON text of an event or cells of a CSV row).

    Raises OSError if the file cannot be read, UnicodeDecodeError if it is not UTF-8.
    """
    with _open(path) as file:
        if file_format == "csv":
            text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
            sample = text.readline()
            text.seek(0)
            delimiter = max(",;\t", key=sample.count)
            yield from enumerate(csv.DictReader(text, delimiter=delimiter), start=2)
        else:
            yield from _json(file)


def guess_format(name: str) -> str:
    """Tell CSV from JSON by the file's name."""
    return "csv" if ".csv" in [suffix.lower() for suffix in Path(name).suffixes] else "native"


def _open(path: Path) -> Any:
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP
    return gzip.open(path) if zipped else path.open("rb")


def _json(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    first = file.readline()
    if first.lstrip(b"\xef\xbb\xbf \t")[:1] == b"[":
        listed = msgspec.json.decode(first + file.read(), type=list[msgspec.Raw])
        for number, raw in enumerate(listed, start=1):
            yield number, bytes(raw)
        return
    number = 1
    line = first
    while line:
        if line.strip():
            yield number, line.strip()
        line, number = file.readline(), number + 1
