"""WHAT HAPPENED (sources, contexts, batches, events), what it means, what it costs, its cube."""

from usage.models.adjustment import PriceAdjustment
from usage.models.attribution import (
    Attribution,
    AttributionRun,
    CostClass,
    Feature,
    FeatureAlias,
    FeatureAttribute,
)
from usage.models.closing import MonthClosing
from usage.models.context import Context, EndUserReference, Provider, Sku
from usage.models.cube import CubeSegment
from usage.models.event import (
    Quarantined,
    UnfoldedBatch,
    UsageBatch,
    UsageBatchMonth,
    UsageEvent,
)
from usage.models.price import ModelAlias, Price, PriceRevision, PriceTerms
from usage.models.proposal import PriceProposal, ProposedPrice
from usage.models.refused import BatchAlert, Conflict, Replay
from usage.models.revision import Derivation, Revision
from usage.models.rule import AttributionRule, RuleCondition, RuleRevision
from usage.models.sdk import SdkProcess
from usage.models.source import ApiKey, KeyAllowance, Source
from usage.models.tag import EventTag, TagAlias, TagDimension, TagKey, TagValue

__all__ = [
    "ApiKey",
    "Attribution",
    "AttributionRule",
    "AttributionRun",
    "BatchAlert",
    "Conflict",
    "Context",
    "CostClass",
    "CubeSegment",
    "Derivation",
    "EndUserReference",
    "EventTag",
    "Feature",
    "FeatureAlias",
    "FeatureAttribute",
    "KeyAllowance",
    "ModelAlias",
    "MonthClosing",
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
    "RuleCondition",
    "RuleRevision",
    "SdkProcess",
    "Sku",
    "Source",
    "TagAlias",
    "TagDimension",
    "TagKey",
    "TagValue",
    "UnfoldedBatch",
    "UsageBatch",
    "UsageBatchMonth",
    "UsageEvent",
]
