"""Ingestion: decode → normalise to disjoint token classes → intern → store, one transaction."""

from usage.ingest.answer import IngestResult, Outcome
from usage.ingest.decode import MAX_EVENTS, decode
from usage.ingest.decoded import Decoded, Rejected
from usage.ingest.errors import BodyError, EventError
from usage.ingest.identity import event_key
from usage.ingest.pipeline import ingest, take
from usage.ingest.posting import close_posting, closing, reopen_posting
from usage.ingest.rehearse import rehearse
from usage.ingest.said import Said, note_known

__all__ = [
    "MAX_EVENTS",
    "BodyError",
    "Decoded",
    "EventError",
    "IngestResult",
    "Outcome",
    "Rejected",
    "Said",
    "close_posting",
    "closing",
    "decode",
    "event_key",
    "ingest",
    "note_known",
    "rehearse",
    "reopen_posting",
    "take",
]
