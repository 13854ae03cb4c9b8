"""Bring the price book to the catalogue's state: new rows in, gone rows superseded, a diff."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from django.db import transaction

from usage.models import ModelAlias, Price, Provider
from usage.pricing.catalogue import SOURCE, Catalogue, CataloguePrice

_KEY = tuple(CataloguePrice.__dataclass_fields__)


@dataclass(slots=True)
class PriceDiff:
    """What a sync changes (or would, in a dry run)."""

    added: list[Price] = field(default_factory=list)
    superseded: list[Price] = field(default_factory=list)
    unchanged: int = 0
    aliases: int = 0


@transaction.atomic
def sync_prices(*, catalogue: Catalogue, now: dt.datetime, dry_run: bool = False) -> PriceDiff:
    """Write the catalogue's prices; idempotent by the whole row; manual prices stay untouched."""
    current = {_key(row): row for row in Price.objects.filter(source=SOURCE, superseded_at=None)}
    wanted = {_key(row): row for row in catalogue.prices}
    diff = PriceDiff(
        added=[
            Price(**asdict(row), source=SOURCE, source_version=catalogue.version)
            for key, row in wanted.items()
            if key not in current
        ],
        superseded=[row for key, row in current.items() if key not in wanted],
        unchanged=len(current.keys() & wanted.keys()),
        aliases=len(catalogue.aliases),
    )
    if dry_run:
        return diff
    Price.objects.filter(pk__in=[row.pk for row in diff.superseded]).update(superseded_at=now)
    Price.objects.bulk_create(diff.added, batch_size=2000)
    _write_names(catalogue)
    return diff


def _key(row: Price | CataloguePrice) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _KEY)


def _write_names(catalogue: Catalogue) -> None:
    Provider.objects.bulk_create(
        [Provider(code=code, name=name) for code, name in catalogue.providers.items()],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name"],
    )
    manual = set(ModelAlias.objects.exclude(source=SOURCE).values_list("provider_code", "alias"))
    ModelAlias.objects.filter(source=SOURCE).delete()
    ModelAlias.objects.bulk_create(_aliases(catalogue, manual), batch_size=2000)


def _aliases(catalogue: Catalogue, taken: set[tuple[str, str]]) -> Iterable[ModelAlias]:
    return [
        ModelAlias(provider_code=provider, alias=alias, model=model, source=SOURCE)
        for (provider, alias), model in catalogue.aliases.items()
        if (provider, alias) not in taken
    ]
