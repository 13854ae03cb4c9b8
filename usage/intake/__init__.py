"""How usage arrives: per source, its lag, what was refused, what waits; counts, never money."""

from usage.intake.backlog import Backlog, backlog
from usage.intake.flows import Flow, flows, rejected_codes
from usage.intake.lag import Lag, lags
from usage.intake.risks import TagUse, alerts, expiring_keys, exposed_keys, tag_use

__all__ = [
    "Backlog",
    "Flow",
    "Lag",
    "TagUse",
    "alerts",
    "backlog",
    "expiring_keys",
    "exposed_keys",
    "flows",
    "lags",
    "rejected_codes",
    "tag_use",
]
