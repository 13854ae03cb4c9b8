"""WHAT HAPPENED (sources, contexts, batches, events), what it means, what it costs, its cube."""

from usage.models.adjustment import PriceAdjustment
from usage.models.attribution import Attribution, AttributionRun, Feature, FeatureAlias
from usage.models.context import Context, EndUserReference, Provider, Sku
from usage.models.cube import CubeSegment
from usage.models.event import FoldedBatch, Quarantined, UsageBatch, UsageBatchMonth, UsageEvent
from usage.models.price import ModelAlias, Price, PriceRevision, PriceTerms
from usage.models.proposal import PriceProposal, ProposedPrice
from usage.models.refused import BatchAlert, Conflict, Replay
from usage.models.revision import Derivation, Revision
from usage.models.source import ApiKey, KeyAllowance, Source
from usage.models.tag import EventTag, TagKey, TagValue

__all__ = [
    "ApiKey",
    "Attribution",
    "AttributionRun",
    "BatchAlert",
    "Conflict",
    "Context",
    "CubeSegment",
    "Derivation",
    "EndUserReference",
    "EventTag",
    "Feature",
    "FeatureAlias",
    "FoldedBatch",
    "KeyAllowance",
    "ModelAlias",
    "Price",
    "PriceAdjustment",
    "PriceProposal",
    "PriceRevision",
    "PriceTerms",
    "ProposedPrice",
    "Provider",
    "Quarantined",
    "Replay",
    "Revision",
    "Sku",
    "Source",
    "TagKey",
    "TagValue",
    "UsageBatch",
    "UsageBatchMonth",
    "UsageEvent",
]
