"""Delivery: queue, spool, batches, retries. Nothing here runs in a thread of the host."""

from tknops_sdk._delivery.connection import load
from tknops_sdk._delivery.delivery import Delivery
from tknops_sdk._delivery.threads import Threads

__all__ = ["Delivery", "Threads", "load"]
