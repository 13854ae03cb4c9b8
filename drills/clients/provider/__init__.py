"""A provider of models on this machine that remembers what it counted: the truth of the drill."""

from drills.clients.provider.server import Provider
from drills.clients.provider.truth import Call, Counts

__all__ = ["Call", "Counts", "Provider"]
