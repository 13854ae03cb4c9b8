"""Refused events looked at again: fixed and replayed, or compared with what stands."""

from usage.quarantine.compare import Compared, compare
from usage.quarantine.replay import FieldsError, parse_fields, replay

__all__ = ["Compared", "FieldsError", "compare", "parse_fields", "replay"]
