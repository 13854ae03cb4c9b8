"""A million random invoice lines: each sums to itself, all are earned, every month ties.

    python -m drills.recognise [--lines 1000000] [--seed 1] [--defect slice|month]

Lines of any sign, currency and term up to three years, invoiced before, within or after it. Exits
1 if a line does not sum or a month does not tie. The control seeds a defect, a minor unit of one
slice or of one month's recognised revenue, and exits 0 only if it is found.
"""

import argparse
import datetime as dt
import os
import random
import sys
import time
from itertools import pairwise

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tknops.settings")
django.setup()

from billing.revenue.buckets import Buckets  # noqa: E402 - after the set-up
from billing.revenue.deferred import RollForward, roll  # noqa: E402
from billing.revenue.rules import BAD_DEBT, LINE, Stream  # noqa: E402
from tknops.calendar import Period, add_months  # noqa: E402

_FIRST = dt.date(2024, 1, 1)
_MONTHS = 72
_AT_ONCE = 50_000
_CURRENCIES = ("USD", "EUR", "JPY", "KWD")


def main() -> None:
    """Try so many lines, print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--defect", choices=("slice", "month"))
    asked = parser.parse_args()
    chance, begun = random.Random(asked.seed), time.perf_counter()
    months = list(Period(_FIRST, add_months(_FIRST, _MONTHS)).months())
    whole, later = RollForward(months), RollForward(months[24:])
    done = slices = wrong = 0
    while done < asked.lines:
        lines = [_line(chance) for _ in range(min(_AT_ONCE, asked.lines - done))]
        parts, bad = _sum_up(lines, _split(chance, months), defect=_first(asked, "slice", done))
        slices, wrong, done = slices + parts, wrong + bad, done + len(lines)
        roll(whole, lines)
        roll(later, lines)
    if asked.defect == "month":
        next(iter(whole.by_key.values()))[_MONTHS // 2].recognised += 1
    untied, left = _tied(whole, later)
    print(f"{done:,} lines, {slices:,} slices, seed {asked.seed}")
    print(f"lines whose slices do not sum to them: {wrong:,}")
    print(f"months that do not tie, of {len(whole.by_key):,} accounts × {_MONTHS}: {untied:,}")
    print(f"accounts with deferred revenue after the last service: {left:,}")
    print(f"{time.perf_counter() - begun:.0f} s")
    found = {"slice": wrong == 1, "month": bool(untied)}
    if asked.defect:
        print(
            f"control, a defect of a {asked.defect}: {'found' if found[asked.defect] else 'MISSED'}"
        )
        sys.exit(0 if found[asked.defect] else 1)
    sys.exit(1 if wrong or untied or left else 0)


def _first(asked: argparse.Namespace, defect: str, done: int) -> bool:
    return asked.defect == defect and not done


def _line(chance: random.Random) -> Stream:
    start = _FIRST + dt.timedelta(chance.randrange(1000))
    days = chance.choice((1, 28, 30, 31, 91, 365, 366, chance.randrange(1, 1096)))
    issued = start + dt.timedelta(chance.randrange(-40, days + 40))
    amount = chance.choice((chance.randrange(-(10**4), 10**5), chance.randrange(-(10**15), 10**15)))
    return Stream(
        chance.randrange(1000), None, None, chance.choice(_CURRENCIES), amount,
        Period(start, start + dt.timedelta(days)), chance.choice((LINE, LINE, LINE, BAD_DEBT)),
        None, issued, None,
    )  # fmt: skip


def _split(chance: random.Random, months: list[Period]) -> list[Period]:
    """Cut all days anywhere."""
    first, last = months[0].start, months[-1].end
    days = sorted(chance.sample(range(1, (last - first).days), 60))
    edges = [first, *(first + dt.timedelta(day) for day in days), last]
    return [Period(a, b) for a, b in pairwise(edges)]


def _sum_up(lines: list[Stream], buckets: list[Period], *, defect: bool) -> tuple[int, int]:
    """Count the slices, and the lines they do not sum to; a defect adds a minor unit to one."""
    left = {id(line): line.amount_minor for line in lines}
    slices = 0
    for line, _, amount in Buckets(buckets).cut(lines):
        left[id(line)] -= amount + (defect and not slices)
        slices += 1
    return slices, sum(1 for rest in left.values() if rest)


def _tied(whole: RollForward, later: RollForward) -> tuple[int, int]:
    """Count months whose closing the roll-forward that begins later opens otherwise, and rests."""
    skipped = len(whole.months) - len(later.months)
    whole.close()
    later.close()
    untied = 0
    for key, months in whole.by_key.items():
        others = later.by_key.get(key)
        for n, month in enumerate(months[skipped:]):
            other = others[n] if others else None
            untied += month.closing != (other.closing if other else 0)
            untied += month.opening != (other.opening if other else 0)
    left = sum(1 for months in whole.by_key.values() if months[-1].closing or months[-1].unbilled)
    return untied, left


if __name__ == "__main__":
    main()
