"""A file of usage loaded as background work: what the kind of job calls."""

from pathlib import Path
from typing import Any

from tknops.jobs.progress import Report
from usage.cube import fold
from usage.loading.load import load_file
from usage.loading.mapping import Mapping
from usage.loading.reading import FileError
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

    Raises MappingError or FileError.
    """
    file = Path(path)
    if not file.exists():
        message = f"{file_name} is no longer kept here; upload it again, nothing counts twice"
        raise FileError(message)
    size = file.stat().st_size
    found, _ = Source.objects.get_or_create(name=source)
    loaded = load_file(
        file,
        source=found,
        file_format=file_format,
        mapping=Mapping.parse(maps, constants, timezone),
        progress=lambda behind: report(behind, size),
    )
    fold()
    file.unlink(missing_ok=True)
    return {
        "file": file_name,
        **{name: getattr(loaded, name) for name in ("counts", "codes", "reasons")},
        "gaps": [
            ("Stored without a customer that is known", loaded.unattributed),
            ("Stored without a price", loaded.unpriced),
            ("Passed over", loaded.ignored),
        ],
    }
