"""Model names that carry a place → the model as its price is listed, and the region."""

from collections.abc import Callable

from usage.sources.bedrock_model import bedrock_model
from usage.sources.google_model import google_model

_READERS: dict[str, Callable[[str], tuple[str, str | None]]] = {
    "aws": bedrock_model,
    "google": google_model,
}


def model_and_region(provider: str, model: str) -> tuple[str, str | None]:
    """Return the model and where it runs, None where its name does not say."""
    reader = _READERS.get(provider)
    return reader(model) if reader else (model, None)
