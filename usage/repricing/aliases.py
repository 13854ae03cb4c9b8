"""Take models for priced ones, by hand."""

from collections.abc import Mapping

from usage.models import ModelAlias, Price
from usage.pricing import PriceChange


class AliasError(ValueError):
    """An alias that cannot be, and why."""


def alias_change(wanted: Mapping[tuple[str, str], str]) -> PriceChange:
    """Return the change that makes (provider, name) another name of a priced model.

    Raises AliasError.
    """
    if not wanted:
        message = "nothing was chosen"
        raise AliasError(message)
    for (provider, alias), model in wanted.items():
        in_force = Price.objects.filter(superseded_at=None, provider_code=provider, model=model)
        if not alias or not in_force.exists():
            message = f"{model!r} is no model of {provider!r} with a price"
            raise AliasError(message)
        known = ModelAlias.objects.filter(provider_code=provider, alias=alias.lower()).first()
        if known:
            message = f"{alias} is taken for {known.model} already"
            raise AliasError(message)
    return PriceChange(
        aliases={(code, name.lower()): model for (code, name), model in wanted.items()}
    )
