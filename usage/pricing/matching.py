"""Find the priced model a name means: exact, then alias, then without its dated suffix."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

# -2024-08-06, -20250929, @20250929, -20251101-v1:0; -0125 is no date: it names another model.
_DATED_SUFFIX = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|20\d{6})(?=(-v\d+(:\d+)?)?$)")


class ModelMatcher:
    """Match the model names of one price book; looser matches are suggestions, never booked."""

    def __init__(
        self,
        models: Iterable[tuple[str, str]],
        aliases: Mapping[tuple[str, str], str],
    ) -> None:
        """Take (provider, model) pairs that have prices, and (provider, alias) → model."""
        self._models = set(models)
        self._aliases = aliases

    def match(self, provider: str, model: str) -> str | None:
        """Return the priced model's name, or None: then its usage is unpriced."""
        name = model.lower()
        for candidate in (model, name, _DATED_SUFFIX.sub("", name)):
            if (provider, candidate) in self._models:
                return candidate
            if (alias := self._aliases.get((provider, candidate))) is not None:
                return alias
        return None

    def suggest(self, provider: str, model: str, count: int = 3) -> list[str]:
        """Return near names of the same provider, for a person to decide."""
        names = [name for code, name in self._models if code == provider]
        return get_close_matches(model.lower(), names, n=count, cutoff=0.6)
