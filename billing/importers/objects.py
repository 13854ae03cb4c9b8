"""Open a file of JSON objects as an API lists them: a list, a list object, or one a line."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from billing.importers.file_errors import FileError, LineError

_LARGEST = 64 * 1024 * 1024
_Objects = list[msgspec.Raw]
_decode = msgspec.json.Decoder(dict[str, Any])
_decode_list = msgspec.json.Decoder(_Objects)
_decode_page = msgspec.json.Decoder(dict[str, msgspec.Raw])


def open_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return (number or line, object) to come; numbers count from 1. Raises FileError."""
    with path.open("rb") as file:
        first = file.readline(_LARGEST).strip()
    if first.startswith(b"{") and _is_object(first):
        found = _decode_page.decode(first)
        return _listed(found["data"]) if "data" in found else _lines(path)
    if path.stat().st_size > _LARGEST:
        message = f"a list of JSON objects of at most {_LARGEST // 2**20} MiB; send one a line"
        raise FileError(message)
    content = path.read_bytes().lstrip()
    try:
        if content.startswith(b"["):
            return _listed(msgspec.Raw(content))
        found = _decode_page.decode(content)
    except msgspec.MsgspecError:
        message = "this is not JSON: a list of objects, a list object with data, or one a line"
        raise FileError(message) from None
    if "data" in found:
        return _listed(found["data"])
    return _listed(msgspec.Raw(b"[" + content + b"]"))


def _is_object(line: bytes) -> bool:
    try:
        _decode_page.decode(line)
    except msgspec.MsgspecError:
        return False
    return True


def _listed(content: msgspec.Raw) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        objects = _decode_list.decode(content)
    except msgspec.MsgspecError:
        message = "`data` is not a list of JSON objects"
        raise FileError(message) from None
    return _decoded(zip(count(1), map(bytes, objects), strict=False))


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    def lines() -> Iterator[tuple[int, bytes]]:
        with path.open("rb") as file:
            yield from ((n, line) for n, line in enumerate(file, start=1) if line.strip())

    return _decoded(lines())


def _decoded(pieces: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, piece in pieces:
        try:
            yield number, _decode.decode(piece)
        except msgspec.MsgspecError as error:
            message = f"this is not a JSON object: {error}"
            raise LineError(number, message) from None
