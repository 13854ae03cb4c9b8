"""Bring the price book to a catalogue's or file's state; prices in use wait for a person."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from usage.models import (
    ModelAlias,
    Price,
    PriceProposal,
    PriceRevision,
    PriceTerms,
    ProposedPrice,
    Provider,
    Sku,
)
from usage.pricing import PriceChange, matcher
from usage.pricing.catalogue import SOURCE, Catalogue
from usage.repricing.apply import apply
from usage.repricing.compare import Comparison, Line, compare
from usage.repricing.laying import lay

TERMS = tuple(field.name for field in PriceTerms._meta.fields)


@dataclass(slots=True)
class Synced:
    """What a sync changed (or would, in a dry run) and what waits for approval."""

    comparison: Comparison
    applied: list[Line] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    aliases: int = 0
    proposal: PriceProposal | None = None
    revision: PriceRevision | None = None


def sync_prices(
    *, catalogue: Catalogue, now: dt.datetime, user: Any = None, dry_run: bool = False
) -> Synced:
    """Apply what changes no price in use; the rest becomes a proposal. Idempotent.

    On an empty book everything is applied. A file asks about every model in use, the installed
    catalogue only about those that have a price: a first price takes nothing away.
    """
    found = compared(catalogue, now=now)
    if not dry_run:
        with transaction.atomic():
            _write_names(catalogue)
            found.revision = _apply(catalogue, found.applied, now, user)
            found.proposal = _propose(catalogue, found.waiting, now, user)
    return found


def compared(catalogue: Catalogue, *, now: dt.datetime) -> Synced:
    """Say what a sync would apply and what it would ask about."""
    comparison = compare(catalogue, today=timezone.localdate(now))
    asked = _asked(catalogue) if Price.objects.exists() else set()
    return Synced(
        comparison,
        applied=[line for line in comparison.lines if line.model not in asked],
        waiting=[line for line in comparison.lines if line.model in asked],
        aliases=len(catalogue.aliases),
    )


def change_of(lines: Iterable[Line]) -> PriceChange:
    """Return the change some lines make together."""
    lines = list(lines)
    gone = ProposedPrice.Action.WITHDRAW
    return lay(
        [line.price for line in lines if line.action != gone],
        ended=[line.price.pk for line in lines if line.action == gone],
    )


def _asked(catalogue: Catalogue) -> set[tuple[str, str]]:
    """Name the models whose changes wait for a person."""
    match = matcher().match
    skus = Sku.objects.values_list("provider_code", "model").distinct()
    priced = {(code, found) for code, model in skus if (found := match(code, model))}
    if catalogue.source == SOURCE:
        return priced
    return priced | {(code, model.lower()) for code, model in skus}


def _apply(
    catalogue: Catalogue, lines: Sequence[Line], now: dt.datetime, user: Any
) -> PriceRevision | None:
    if not lines:
        return None
    kind = PriceRevision.Kind.SYNC if catalogue.source == SOURCE else PriceRevision.Kind.IMPORT
    reason = f"{catalogue.origin} {catalogue.version}".strip()
    change = change_of(lines)
    return apply(change, now=now, user=user, kind=kind, reason=reason)


def _propose(
    catalogue: Catalogue, lines: Sequence[Line], now: dt.datetime, user: Any
) -> PriceProposal | None:
    """Store the lines for a person, unless the very same were decided on already."""
    mine: Any = PriceProposal.objects.filter(source=catalogue.source)
    mark = _fingerprint(lines)
    known = mine.filter(fingerprint=mark).exclude(state=PriceProposal.State.REPLACED).last()
    earlier = mine.filter(state=PriceProposal.State.OPEN)
    earlier.exclude(pk=known.pk if known else 0).update(
        state=PriceProposal.State.REPLACED, decided_at=now
    )
    if known or not lines:
        return known if known and known.state == PriceProposal.State.OPEN else None
    proposal = PriceProposal.objects.create(
        source=catalogue.source,
        source_version=catalogue.version,
        origin=catalogue.origin,
        fingerprint=mark,
        created_by=user,
    )
    ProposedPrice.objects.bulk_create(
        [
            ProposedPrice(
                proposal=proposal,
                action=line.action,
                replaces=line.replaces,
                **{name: getattr(line.price, name) for name in TERMS},
            )
            for line in lines
        ],
        batch_size=2000,
    )
    return proposal


def _fingerprint(lines: Iterable[Line]) -> str:
    words = sorted(
        "|".join([line.action, *(str(getattr(line.price, name)) for name in TERMS)])
        for line in lines
    )
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def _write_names(catalogue: Catalogue) -> None:
    if catalogue.source != SOURCE:
        return
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
