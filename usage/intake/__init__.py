"""How usage arrives: per source, its lag, what was refused, what waits; counts, never money."""

from usage.intake.backlog import Backlog, backlog
from usage.intake.flows import Flow, flows, rejected_codes
from usage.intake.forgetting import forget_complete
from usage.intake.lag import Lag, lags
from usage.intake.processes import Arrival, Process, process_of, processes
from usage.intake.risks import TagUse, alerts, expiring_keys, exposed_keys, tag_use

__all__ = [
    "Arrival",
    "Backlog",
    "Flow",
    "Lag",
    "Process",
    "TagUse",
    "alerts",
    "backlog",
    "expiring_keys",
    "exposed_keys",
    "flows",
    "forget_complete",
    "lags",
    "process_of",
    "processes",
    "rejected_codes",
    "tag_use",
]
