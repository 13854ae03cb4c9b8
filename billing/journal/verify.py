"""Prove that a frozen journal balances and accrues what the frozen file has."""

from decimal import localcontext

from billing.journal.chart import Chart
from billing.journal.cost import accruals
from billing.journal.frozen import Manifest, entries_of, has_journal
from billing.journal.journal import costs_of, used_in
from billing.measures import REGULAR
from tknops.calendar import Period
from tknops.money import EXACT


def verify_journal(manifest: Manifest, month: Period, *, in_force: bool) -> list[str]:
    """Return in sentences what is wrong with the journal of a close; none may be frozen.

    That it is the one that was closed is what the digest of its manifest says.
    """
    if not has_journal(manifest):
        return []
    entries = entries_of(manifest)
    found = [
        f"the entry {entry.reference} of the journal does not balance"
        for entry in entries
        if entry.difference
    ]
    if in_force:
        with localcontext(EXACT):
            used = accruals(costs_of(used_in(month), REGULAR), month, Chart(()))
        again = {entry.reference: entry.total for entry in used}
        frozen = {entry.reference: entry.total for entry in entries if entry.accrues}
        found += [
            f"the entry {name} of the journal accrues another cost than the file has"
            for name in sorted(frozen.keys() | again.keys())
            if frozen.get(name) != again.get(name)
        ]
    return found
