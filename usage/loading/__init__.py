"""Bulk load files of usage through the same domain call as HTTP."""

from usage.loading.load import LoadReport, load_file
from usage.loading.mapping import Mapping, MappingError

__all__ = ["LoadReport", "Mapping", "MappingError", "load_file"]
