"""Take back changes of dated attributes, customer parents and rules of shared cost."""

from billing.undo.fold import Fold, folded
from billing.undo.log import Change, Item, Touched, change_of, changes, newest, touched_since
from billing.undo.take_back import CannotUndoError, take_back

__all__ = [
    "CannotUndoError",
    "Change",
    "Fold",
    "Item",
    "Touched",
    "change_of",
    "changes",
    "folded",
    "newest",
    "take_back",
    "touched_since",
]
