"""Changes of the price book: read from files, compared, approved, applied, reverted."""

from usage.repricing.aliases import AliasError, alias_change
from usage.repricing.apply import BookChangedError, apply
from usage.repricing.decide import FAR, UnconfirmedError, approve, far, reject
from usage.repricing.pending import Pending, pending
from usage.repricing.reading import PriceFileError, read_price_bytes, read_price_file
from usage.repricing.revert import RevertError, revert, reverting
from usage.repricing.sync import Synced, compared, sync_prices

__all__ = [
    "FAR",
    "AliasError",
    "BookChangedError",
    "Pending",
    "PriceFileError",
    "RevertError",
    "Synced",
    "UnconfirmedError",
    "alias_change",
    "apply",
    "approve",
    "compared",
    "far",
    "pending",
    "read_price_bytes",
    "read_price_file",
    "reject",
    "revert",
    "reverting",
    "sync_prices",
]
