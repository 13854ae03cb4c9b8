"""Which model of the usage a provider means by the name it bills."""

import re
from collections.abc import Collection, Iterable

from django.db import transaction

from billing.models import BilledModel
from usage.models import ModelAlias

_DATED = re.compile(r"[-@_.](20\d{2}[-_.]?\d{2}[-_.]?\d{2}|latest|v\d+(:\d+)?)$")
_APART = re.compile(r"[^a-z0-9]+")


class Names:
    """The names remembered for bills, then the aliases of the price book."""

    def __init__(self) -> None:
        """Read both."""
        self._billed = {
            (row.provider_code, row.billed_name.lower()): row.model
            for row in BilledModel.objects.all()
        }
        self._aliases = {
            (row.provider_code, row.alias.lower()): row.model for row in ModelAlias.objects.all()
        }

    def of(self, provider: str, name: str) -> str:
        """Return the model a name stands for; itself where nothing is known of it."""
        key = (provider, name.lower())
        return self._billed.get(key) or self._aliases.get(key) or name


def suggested(name: str, models: Collection[str]) -> str:
    """Return the one model whose name is the same but for date, version and punctuation."""
    plain = _plain(name)
    same = [model for model in models if _plain(model) == plain]
    return same[0] if len(same) == 1 else ""


def _plain(name: str) -> str:
    return _APART.sub("", _DATED.sub("", name.lower().rsplit("/", 1)[-1]))


@transaction.atomic
def remember(*, provider: str, billed_name: str, model: str) -> BilledModel | None:
    """Remember that a billed name means a model; the name itself or '' forgets it.

    Raises ValueError where the model's name is remembered to mean yet another.
    """
    rows = BilledModel.objects.filter(provider_code=provider, billed_name=billed_name)
    if model in {"", billed_name}:
        rows.delete()
        return None
    if BilledModel.objects.filter(provider_code=provider, billed_name=model).exists():
        message = f"{model} is remembered to mean another model: forget that first"
        raise ValueError(message)
    made, _ = BilledModel.objects.update_or_create(
        provider_code=provider, billed_name=billed_name, defaults={"model": model}
    )
    return made


def remembered(provider: str) -> Iterable[BilledModel]:
    """List the names remembered of a provider."""
    return BilledModel.objects.filter(provider_code=provider).order_by("billed_name")
