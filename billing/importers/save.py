"""Save how a file was read as a mapping with a name."""

from collections.abc import Mapping, Sequence
from typing import Any

from billing.importers.profiles import PROFILES
from billing.importers.receive import AUTO, COLUMNS
from billing.models import BillingMapping

_LONGEST = 50


def save_mapping(
    *, name: str, said: Mapping[str, Any], names: Sequence[str], user: Any = None
) -> BillingMapping:
    """Save or replace a mapping. Raises ValueError if a profile has the name or it is too long."""
    name = name.strip()
    if name in {*PROFILES, AUTO, COLUMNS, ""} or len(name) > _LONGEST:
        message = f"{name!r} cannot name a mapping: it is empty, over {_LONGEST} characters, or a "
        message += "profile has it"
        raise ValueError(message)
    mapping, _ = BillingMapping.objects.update_or_create(
        name=name,
        defaults={
            "columns": said.get("columns", {}),
            "constants": said.get("constants", {}),
            "last_day_counts": bool(said.get("last_day_counts")),
            "decimal": said.get("decimal", ""),
            "dates": said.get("dates", ""),
            "accounting": bool(said.get("accounting")),
            "file_columns": sorted(filter(None, names)),
            "created_by": user,
        },
    )
    return mapping
