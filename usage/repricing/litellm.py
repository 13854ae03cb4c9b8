"""Read LiteLLM's price map (model_prices_and_context_window.json): money per token or unit."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from usage.ingest.providers import canonical
from usage.pricing.catalogue import LITELLM, Catalogue, CataloguePrice
from usage.pricing.figures import scaled
from usage.sources.bedrock_model import bedrock_model
from usage.tokens import UNITS

_TOKENS = {
    "input_cost_per_token": "input_tokens",
    "cache_read_input_token_cost": "cache_read_tokens",
    "cache_creation_input_token_cost": "cache_write_tokens",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h_tokens",
    "output_cost_per_token": "output_tokens",
    "input_cost_per_audio_token": "input_audio_tokens",
    "output_cost_per_audio_token": "output_audio_tokens",
    "input_cost_per_image_token": "input_image_tokens",
    "output_cost_per_image_token": "output_image_tokens",
    "input_cost_per_video_token": "input_video_tokens",
    "output_cost_per_video_token": "output_video_tokens",
    "cache_read_input_audio_token_cost": "cache_read_audio_tokens",
    "cache_read_input_image_token_cost": "cache_read_image_tokens",
}
_UNITS = {
    "output_cost_per_image": "image",
    "input_cost_per_second": "second",
    "output_cost_per_second": "second",
    "input_cost_per_character": "character",
    "input_cost_per_query": "search",
    "input_cost_per_request": "request",
    "ocr_cost_per_page": "page",
    "annotation_cost_per_page": "annotated_page",
}
_TIERS = {"batches": "batch", "batch": "batch", "flex": "flex", "priority": "priority"}
_FIELD = re.compile(
    r"(?P<base>.+?)(?:_above_(?P<thousands>\d+)k_tokens)?(?:_(?P<tier>batches|batch|flex|priority))?"
)
_COST = re.compile(r"(^|_)cost(_|$)")


def read_litellm(models: Mapping[str, Any], *, origin: str) -> Catalogue:
    """Read every model; what is no price here is counted by reason."""
    left_out: Counter[str] = Counter()
    found: dict[tuple[object, ...], CataloguePrice] = {}
    for name, about in models.items():
        if name == "sample_spec" or not isinstance(about, Mapping):
            continue
        for price in _prices(name, about, left_out):
            key = (
                price.provider_code, price.model, price.service_tier, price.region,
                price.token_class, price.unit, price.threshold,
            )  # fmt: skip
            known = found.setdefault(key, price)
            if known.per_million != price.per_million:
                left_out["stated twice, differently: the first is taken"] += 1
    return Catalogue(
        version="",
        providers={},
        prices=list(found.values()),
        aliases={},
        source=LITELLM,
        origin=origin,
        left_out=left_out,
    )


def _prices(
    name: str, about: Mapping[str, Any], left_out: Counter[str]
) -> Iterator[CataloguePrice]:
    provider = canonical(str(about.get("litellm_provider") or name.partition("/")[0]))
    model, region = _model(provider, name)
    for field, figure in about.items():
        if not _COST.search(field):
            continue
        token_class, unit, threshold, tier = _meaning(field)
        if not token_class:
            left_out[f"{field}: no token class or unit here"] += 1
        elif not isinstance(figure, Decimal | int) or isinstance(figure, bool) or figure < 0:
            left_out[f"{field}: no figure"] += 1
        elif not figure:
            left_out["0: the map does not say whether it is free or unknown"] += 1
        else:
            per_million, original = scaled(Decimal(figure), 1)
            yield CataloguePrice(
                provider_code=provider,
                model=model,
                service_tier=tier,
                region=region,
                token_class=token_class,
                unit=unit,
                threshold=threshold,
                price_window="",
                per_million=per_million,
                original=original,
            )


def _meaning(field: str) -> tuple[str, str, int, str]:
    """Return token class, unit, threshold and tier; a class of '' is none of ours."""
    parts = _FIELD.fullmatch(field)
    if parts is None:
        return "", "", 0, ""
    base, threshold = parts["base"], int(parts["thousands"] or 0) * 1000
    tier = _TIERS.get(parts["tier"] or "", "")
    if base in _UNITS:
        return UNITS, _UNITS[base], threshold, tier
    return _TOKENS.get(base, ""), "", threshold, tier


def _model(provider: str, name: str) -> tuple[str, str]:
    """Take the provider's own prefix off, and Bedrock's region."""
    parts = name.lower().split("/")
    while len(parts) > 1 and canonical(parts[0]) == provider:
        parts = parts[1:]
    if provider != "aws":
        return "/".join(parts), ""
    region = "/".join(parts[:-1])
    model, place = bedrock_model(parts[-1])
    return model, region or place or ""
