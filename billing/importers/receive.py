"""Take note of a file: what it is, whether it was here before, how it is to be read."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from billing.importers.file_errors import FileError, LineError
from billing.importers.kept import folder
from billing.importers.mapped import UNSAVED, mapped_profile
from billing.importers.opening import open_file
from billing.importers.profiles import PROFILES, Profile, recognised
from billing.models import BillingImport, BillingMapping

AUTO = "auto"
COLUMNS = UNSAVED
_OBJECTS = "stripe-invoice-lines"


def receive(
    *,
    path: Path,
    file_name: str,
    profile: str,
    user: Any = None,
    api_key: Any = None,
    reading: Mapping[str, Any] | None = None,
) -> BillingImport:
    """Take note of a file that is to be staged; `auto` finds out the profile by the columns.

    Raises ValueError if there is neither a profile nor a mapping of the name.
    """
    said = dict(reading or {})
    if profile == AUTO:
        profile = found_out(path, said)
    said = _of_mapping(profile) | said
    if profile not in PROFILES and profile != COLUMNS and not said.get("columns"):
        known = ", ".join(profile_names())
        message = f"{profile!r} is not a profile; accepted: {known}"
        raise ValueError(message)
    with path.open("rb") as file:
        mark = hashlib.file_digest(file, "sha256").hexdigest()
    return BillingImport.objects.create(
        profile=profile,
        file_name=file_name.replace("\x00", "")[-200:],
        file_sha256=mark,
        kept_as=path.name if path.parent == folder() else "",
        reading=said,
        created_by=user,
        api_key=api_key,
    )


def profile_names() -> list[str]:
    """Name what `profile` may be."""
    saved = BillingMapping.objects.order_by("name").values_list("name", flat=True)
    return [AUTO, *PROFILES, *saved]


def profile_of(made: BillingImport) -> Profile | None:
    """Return how an import is read; None while its columns are still to be mapped."""
    if made.profile in PROFILES:
        return PROFILES[made.profile]
    return mapped_profile(made.profile, made.reading) if made.reading.get("columns") else None


def mapping_for(names: Sequence[str]) -> BillingMapping | None:
    """Return the newest mapping made for exactly these columns."""
    columns = sorted(filter(None, names))
    return BillingMapping.objects.filter(file_columns=columns).order_by("-pk").first()


def _of_mapping(name: str) -> dict[str, Any]:
    """Return what a saved mapping says, so that a later change of it changes no import."""
    mapping = BillingMapping.objects.filter(name=name).first()
    if mapping is None:
        return {}
    said = ("columns", "constants", "last_day_counts", "decimal", "dates", "accounting")
    return {name: value for name in said if (value := getattr(mapping, name))}


def found_out(path: Path, said: Mapping[str, Any]) -> str:
    """Tell a file's profile or saved mapping by its columns; COLUMNS if none knows them."""
    with path.open("rb") as file:
        if file.read(256).lstrip()[:1] in {b"[", b"{"}:
            return _OBJECTS
    try:
        names = open_file(
            path, encoding=said.get("encoding", ""), delimiter=said.get("delimiter", "")
        ).names
    except (FileError, LineError):
        return "generic"  # staging says what is wrong with the file
    if meant := recognised(names):
        return meant.name
    mapping = mapping_for(names)
    return mapping.name if mapping else COLUMNS
