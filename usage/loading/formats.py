"""The formats of files, and how a batch of their records becomes events."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from usage.ingest import BodyError, Decoded, decode
from usage.loading.mapping import Mapping
from usage.wires import helicone, langfuse, litellm_spend, openai_batch, portkey
from usage.wires.otlp import decode_json
from usage.wires.records import Read, Record, decode_records

READERS: dict[str, Read] = {
    "litellm": litellm_spend.read,
    "portkey": portkey.read,
    "langfuse": langfuse.read,
    "helicone": helicone.read,
    "openai-batch": openai_batch.read,
}
NATIVE = ("native", "csv")
FORMATS = (*NATIVE, *READERS, "otlp")

# (records, their lines) → events.
Decode = Callable[[Sequence[bytes], Sequence[int]], Decoded]


def decoder(file_format: str, *, mapping: Mapping, mark: str) -> Decode:
    """Return how to decode a batch of records; those without an id get one from `mark`."""
    if file_format in NATIVE:
        return lambda records, _lines: _native(records)
    if file_format == "otlp":
        return lambda records, _lines: _otlp(records[0])
    read = READERS[file_format]

    def decode_batch(records: Sequence[bytes], lines: Sequence[int]) -> Decoded:
        at = iter(lines)
        return decode_records(records, lambda raw: _completed(raw, next(at)))

    def _completed(raw: bytes, line: int) -> Record:
        record = mapping.applied(raw, read(raw))
        if record.event.id:
            return record
        event = msgspec.structs.replace(record.event, id=f"{mark}:{line}")
        return replace(record, event=event)

    return decode_batch


def batch_size(file_format: str) -> int:
    """Return how many records make a batch: a line of OTLP is a batch of spans already."""
    return 1 if file_format == "otlp" else 2_000


def _native(records: Sequence[bytes]) -> Decoded:
    try:
        return decode(b"[" + b",".join(records) + b"]")
    except BodyError:
        # A line that is no JSON spoils the list: it stands for itself as null.
        return decode(b"[" + b",".join(r if _is_json(r) else b"null" for r in records) + b"]")


def _is_json(record: bytes) -> bool:
    try:
        record.decode()
        msgspec.json.decode(record, type=msgspec.Raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _otlp(record: bytes) -> Decoded:
    return decode_json(record)
