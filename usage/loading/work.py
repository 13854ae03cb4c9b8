"""A file of usage loaded as background work: what the kind of job calls."""

from pathlib import Path
from typing import Any

from tknops.jobs.progress import Report
from usage.loading.load import load_file
from usage.loading.mapping import Mapping
from usage.models import Source


def load(
    report: Report,
    *,
    path: str,
    file_name: str,
    file_format: str,
    maps: list[str],
    constants: list[str],
    timezone: str | None,
    source: str,
) -> dict[str, Any]:
    """Load an uploaded file and remove it; stopped half way it can be loaded again.

    Raises MappingError, or UnicodeDecodeError if the file is not UTF-8.
    """
    file = Path(path)
    found, _ = Source.objects.get_or_create(name=source)
    loaded = load_file(
        file,
        source=found,
        file_format=file_format,
        mapping=Mapping.parse(maps, constants, timezone),
        progress=lambda read: report(read, None),
    )
    file.unlink(missing_ok=True)
    return {
        "file": file_name,
        "counts": loaded.counts,
        "codes": loaded.codes,
        "reasons": loaded.reasons,
    }
