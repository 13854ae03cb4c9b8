"""One adapter per usage format: the provider's object → disjoint canonical quantities."""

from usage.sources.adapter import Adapter, Json, Part, Reading
from usage.sources.formats import FORMATS, MAIN_FORMATS
from usage.sources.reading import UsageFormatError
from usage.sources.served_model import model_and_region

__all__ = [
    "FORMATS",
    "MAIN_FORMATS",
    "Adapter",
    "Json",
    "Part",
    "Reading",
    "UsageFormatError",
    "model_and_region",
]
