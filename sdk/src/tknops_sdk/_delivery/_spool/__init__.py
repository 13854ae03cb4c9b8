"""Events on disk: what could not be sent at once waits here, also for the next process."""

from tknops_sdk._delivery._spool.folder import FullError, Segment, Spool
from tknops_sdk._delivery._spool.records import chunk, read

__all__ = ["FullError", "Segment", "Spool", "chunk", "read"]
