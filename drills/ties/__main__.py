"""A million random lines through the product's own functions: all that must tie does.

    python -m drills.ties [--lines 1000000] [--seed 1] [--defect slice|month|mrr|parts|journal]

So many invoice lines, and as many lines of provider bills, in a scratch database, a chunk at a
time: 2, 0 and 3 decimals, any sign and term, credit notes, refunds, disputes, pauses, splits,
missing rates and prices. Slices sum to their line and invoice; the roll-forward of deferred revenue
ties with one inside it and with the slices, and ends at 0; movements of MRR sum to its change per
month and account; the parts of a reconciliation to the variance; journal entries balance per
currency, with the revenue of the slices. Exits 1 if anything differs. The control seeds one defect,
the least there can be, and exits 0 only if that and nothing else is found.
"""

import argparse
import sys
import time

import drills.ties.place  # noqa: F401 - sets the server and Django up
from benchmarks.server import scratch_database
from drills.ties import bills, invoices
from drills.ties.chance import Chance
from drills.ties.found import TIES, Found
from drills.ties.journal import check_journal
from drills.ties.load import chunk
from drills.ties.mrr import check_mrr
from drills.ties.parts import check_parts
from drills.ties.revenue import WHOLE, check_months, check_slices
from drills.ties.usage import YEAR, use
from tknops.calendar import Period, next_month

_AT_ONCE = 200_000
_EVENTS = 30_000
# Of the months of a chunk's revenue, so many have their journal made.
_JOURNALS = 3


def main() -> None:
    """Try so many lines, print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--defect", choices=TIES)
    asked = parser.parse_args()
    chance, found, begun = Chance(asked.seed), Found(asked.defect), time.perf_counter()
    with scratch_database():
        with found.timed("usage"):
            use(chance, min(_EVENTS, asked.lines))
            invoices.set_up()
        for done in range(0, asked.lines, _AT_ONCE):
            _try(found, chance, min(_AT_ONCE, asked.lines - done))
    _say(found, asked.lines, asked.seed, time.perf_counter() - begun)
    sys.exit(found.exit_code)


def _try(found: Found, chance: Chance, lines: int) -> None:
    """Check so many invoice lines, then so many lines of bills."""
    with chunk():
        with found.timed("writing"):
            rows = invoices.write(chance, lines)
        check_slices(found, chance, rows)
        slices = check_months(found)
        check_mrr(found)
        check_journal(found, chance.sample(list(WHOLE.months()), _JOURNALS), slices)
    with chunk():
        with found.timed("writing"):
            bills.write(chance, lines)
        check_parts(found, chance)
        check_journal(found, (Period(month, next_month(month)) for month in YEAR))


def _say(found: Found, lines: int, seed: int, seconds: float) -> None:
    print(f"{lines:,} invoice lines and {lines:,} lines of bills, seed {seed}")
    print("; ".join(f"{count:,} {name}" for name, count in found.done.items()))
    for kind, text in TIES.items():
        print(f"{text}: {found.wrong[kind]:,}")
    spent = ", ".join(f"{name} {taken:.0f}" for name, taken in found.seconds.most_common())
    print(f"{seconds:.0f} s, {time.process_time():.0f} s of CPU in this process: {spent}")
    if found.defect:
        verdict = "MISSED, or more than it" if found.exit_code else "found, and nothing else"
        print(f"control, a defect of {found.defect}: {verdict}")


if __name__ == "__main__":
    main()
