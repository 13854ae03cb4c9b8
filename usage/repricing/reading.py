"""Open a price file of any known kind: told apart by what is in it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from genai_prices.types import Provider

# The package's own reader of its data; it has no public name for it.
from genai_prices.types import _providers_from_raw as parsed

from usage.pricing.catalogue import Catalogue, read_catalogue
from usage.repricing.csv_file import NEEDED, PriceFileError, read_csv
from usage.repricing.litellm import read_litellm

_KNOWN = (
    "it is none of: LiteLLM's model_prices_and_context_window.json, the data file of genai-prices, "
    f"a CSV with the columns {', '.join(sorted(NEEDED))}"
)
_LARGEST = 64 * 2**20

__all__ = ["PriceFileError", "read_price_bytes", "read_price_file"]


def read_price_file(path: Path) -> Catalogue:
    """Read a file. Raises PriceFileError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise PriceFileError(message) from error
    return read_price_bytes(content, origin=path.name)


def read_price_bytes(content: bytes, *, origin: str) -> Catalogue:
    """Read the content of a file of this name. Raises PriceFileError."""
    if len(content) > _LARGEST:
        message = f"{origin}: {len(content):,} bytes; a price file has at most {_LARGEST:,}"
        raise PriceFileError(message)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{origin} is not UTF-8 text"
        raise PriceFileError(message) from error
    if text.lstrip()[:1] not in {"{", "["}:
        if not {name.strip().lower() for name in text.partition("\n")[0].split(",")} >= NEEDED:
            message = f"{origin}: {_KNOWN}"
            raise PriceFileError(message)
        return read_csv(text, origin=origin)
    return _read_json(text, origin)


def _read_json(text: str, origin: str) -> Catalogue:
    try:
        found: Any = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        message = f"{origin} is not JSON: {error}"
        raise PriceFileError(message) from error
    if isinstance(found, dict) and any("litellm_provider" in _keys(v) for v in found.values()):
        return read_litellm(found, origin=origin)
    if isinstance(found, list) and found and all({"id", "models"} <= _keys(one) for one in found):
        return read_catalogue(_providers(found, origin), release=origin[:50], origin=origin)
    message = f"{origin}: {_KNOWN}"
    raise PriceFileError(message)


def _keys(value: Any) -> set[str]:
    return set(value) if isinstance(value, dict) else set()


def _providers(found: Any, origin: str) -> list[Provider]:
    try:
        providers: list[Provider] = parsed(found)
    except ValueError as error:
        message = f"{origin} is no data file of the installed genai-prices: {error}"
        raise PriceFileError(message[:500]) from error
    return providers
