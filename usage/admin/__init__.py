"""The usage app in the admin: facts are read-only."""

from usage.admin.facts import QuarantinedAdmin, SourceAdmin, UsageBatchAdmin
from usage.admin.meaning import FeatureAdmin, ModelAliasAdmin, PriceAdmin

__all__ = [
    "FeatureAdmin",
    "ModelAliasAdmin",
    "PriceAdmin",
    "QuarantinedAdmin",
    "SourceAdmin",
    "UsageBatchAdmin",
]
