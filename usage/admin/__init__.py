"""The usage app in the admin: facts are read-only."""

from usage.admin.batches import UsageBatchAdmin
from usage.admin.conflicts import ConflictAdmin
from usage.admin.meaning import FeatureAdmin, FeatureAttributeAdmin, ModelAliasAdmin
from usage.admin.rejected import QuarantinedAdmin
from usage.admin.sources import SourceAdmin

__all__ = [
    "ConflictAdmin",
    "FeatureAdmin",
    "FeatureAttributeAdmin",
    "ModelAliasAdmin",
    "QuarantinedAdmin",
    "SourceAdmin",
    "UsageBatchAdmin",
]
