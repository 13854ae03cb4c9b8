"""Bulk load files of usage through the same domain call as HTTP."""

from usage.loading.formats import FORMATS
from usage.loading.load import load_file
from usage.loading.mapping import Mapping, MappingError
from usage.loading.reading import FileError
from usage.loading.report import LoadReport

__all__ = ["FORMATS", "FileError", "LoadReport", "Mapping", "MappingError", "load_file"]
