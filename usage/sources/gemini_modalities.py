"""Token counts of Gemini by modality, in REST (camelCase) and Python (snake_case) spelling."""

from usage.sources.adapter import Json
from usage.sources.reading import count, objects, rest, text

MODALITIES = ("TEXT", "AUDIO", "IMAGE", "VIDEO")


def camel(usage: Json) -> Json:
    """Return the object with its names in REST spelling."""
    return {_camel(name) if "_" in name else name: value for name, value in usage.items()}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def by_modality(usage: Json, name: str, total: int) -> tuple[dict[str, int], bool]:
    """Return the total by modality and whether the details exceed it.

    Documents are billed as text, and so is what no detail names.
    """
    counts = dict.fromkeys(MODALITIES, 0)
    for detail in map(camel, objects(usage, name)):
        modality = (text(detail, "modality") or "TEXT").upper()
        counts[modality if modality in counts else "TEXT"] += count(detail, "tokenCount")
    told = sum(counts.values())
    counts["TEXT"] += rest(total, told)
    return counts, told > total
