"""The price book in force, or as it would be after a change."""

from collections.abc import Collection
from itertools import chain

from django.db.models import QuerySet

from usage.models import ModelAlias, Price, PriceAdjustment
from usage.pricing.change import NOTHING, PriceChange
from usage.pricing.matching import ModelMatcher


class Book:
    """Reads what is asked for; with a change, as if that were applied."""

    def __init__(self, change: PriceChange = NOTHING) -> None:
        """Take the change to look at, none by default."""
        self._change = change
        self._matcher: ModelMatcher | None = None

    def matcher(self) -> ModelMatcher:
        """Return the matcher of its models and aliases."""
        if self._matcher is None:
            self._matcher = self._build_matcher()
        return self._matcher

    def _build_matcher(self) -> ModelMatcher:
        in_force = self._in_force().values_list("provider_code", "model").distinct()
        added = [(price.provider_code, price.model) for price in self._change.prices]
        aliases = ModelAlias.objects.values_list("provider_code", "alias", "model")
        known = {(code, alias): model for code, alias, model in aliases}
        kept = {key: known[key] for key in known.keys() - self._change.ended_aliases}
        return ModelMatcher(chain(in_force, added), {**kept, **self._change.aliases})

    def prices(self, models: Collection[str]) -> list[Price]:
        """List the prices in force of models of these names, whoever provides them."""
        added = [price for price in self._change.prices if price.model in models]
        return [*self._in_force().filter(model__in=models).order_by("pk"), *added]

    def adjustments(self) -> list[PriceAdjustment]:
        """List the adjustments in force, the oldest first."""
        rows = PriceAdjustment.objects.filter(superseded_at=None)
        ended = self._change.ended_adjustments
        return [*rows.exclude(pk__in=ended).order_by("pk"), *self._change.adjustments]

    def cuts(self) -> list[tuple[str, str, int, str]]:
        """List (provider, model, threshold, window) of every price there ever was."""
        rows = Price.objects.exclude(threshold=0, price_window="")
        found = rows.values_list("provider_code", "model", "threshold", "price_window").distinct()
        added = [
            (price.provider_code, price.model, price.threshold, price.price_window)
            for price in self._change.prices
            if price.threshold or price.price_window
        ]
        return [*found, *added]

    def _in_force(self) -> QuerySet[Price]:
        rows = Price.objects.filter(superseded_at=None)
        return rows.exclude(pk__in=self._change.ended_prices)
