"""WHAT HAPPENED (sources, contexts, batches, events), what it means, what it costs, its cube."""

from usage.models.attribution import Attribution, AttributionRun, Feature
from usage.models.context import Context, EndUserReference, Provider, Sku
from usage.models.cube import CubeSegment
from usage.models.event import FoldedBatch, Quarantined, UsageBatch, UsageBatchMonth, UsageEvent
from usage.models.price import ModelAlias, Price
from usage.models.revision import Derivation, Revision
from usage.models.source import ApiKey, Source

__all__ = [
    "ApiKey",
    "Attribution",
    "AttributionRun",
    "Context",
    "CubeSegment",
    "Derivation",
    "EndUserReference",
    "Feature",
    "FoldedBatch",
    "ModelAlias",
    "Price",
    "Provider",
    "Quarantined",
    "Revision",
    "Sku",
    "Source",
    "UsageBatch",
    "UsageBatchMonth",
    "UsageEvent",
]
