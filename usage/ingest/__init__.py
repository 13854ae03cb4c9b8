"""Ingestion: decode → normalise to disjoint token classes → intern → store, one transaction."""

from usage.ingest.answer import IngestResult, Outcome
from usage.ingest.errors import BodyError
from usage.ingest.pipeline import ingest

__all__ = ["BodyError", "IngestResult", "Outcome", "ingest"]
