"""Close a month while usage of it comes in: what the close froze and what came later, counted.

python -m drills.close_races [--races 1000]

Each race starts four writers of usage of a month and, a moment later, its close (the rows the
frozen figures are made of are counted under the lock). Right is: what is posted in the month =
what the close counted, and all that was acknowledged is in one month or the other. The control
closes without the lock.
"""

import argparse
import tempfile
import time
from pathlib import Path

from drills.installation import installation

_RACES = '''
import datetime as dt, random, sys, time
import django
django.setup()
from contextlib import nullcontext
from django.db import connection, transaction
from django.utils import timezone
from usage.ingest import close_posting, closing, ingest
from usage.models import Source, UsageBatchMonth
import json

from concurrent.futures import ThreadPoolExecutor

# Its threads keep their connections.
POOL = ThreadPoolExecutor(5)
NOTE = "INSERT INTO usage_monthclosing (month, is_closed) VALUES (%s, %s)"

def race(number, month, locked, chance):
    source = Source.objects.get_or_create(name="race")[0]
    counted, sent, failed = [], [], []
    def write(writer):
        try:
            for n in range(3):
                body = json.dumps([{"id": f"{locked}-{number}-{writer}-{n}",
                    "time": f"{month}T12:00:00Z", "provider": "openai", "model": "m",
                    "customer": "c", "usage": {"input_tokens": 1}}]).encode()
                ingest(body, source=source, received_at=timezone.now())
                sent.append(1)
        except Exception as error:
            failed.append(repr(error))
    def close():
        time.sleep(chance.random() * 0.012)
        try:
            with closing(month) if locked else nullcontext():
                with transaction.atomic():
                    counted.append(UsageBatchMonth.objects.filter(posting_month=month).count())
                    if not locked:
                        unguarded(month)
                    else:
                        close_posting(month)
        except Exception as error:
            failed.append(repr(error))
    for done in [*(POOL.submit(write, w) for w in range(4)), POOL.submit(close)]:
        done.result()
    posted = UsageBatchMonth.objects.filter(posting_month=month).count()
    stored = UsageBatchMonth.objects.filter(usage_month=month).count()
    late = stored - posted
    return counted == [posted] and stored == len(sent) and not failed, late, posted, failed

def unguarded(month):
    """Mark it closed as if nobody had thought of a lock."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [month, True])

'''
_ROUND = (
    _RACES
    + '''
from usage.ingest import reopen_posting
chance = random.Random(int(sys.argv[2]))
locked = sys.argv[1] == "locked"
wrong = both = 0
if not locked:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE usage_monthclosing DISABLE TRIGGER usage_closing_in_order")
        cursor.execute("ALTER TABLE usage_usagebatchmonth DISABLE TRIGGER usage_posted_open")
        cursor.execute("""CREATE OR REPLACE FUNCTION usage_posting_month(asked date) RETURNS date
            LANGUAGE sql AS $$ SELECT CASE WHEN usage_is_closed(asked)
                THEN (asked + interval '1 month')::date ELSE asked END $$""")
for number in range(int(sys.argv[3])):
    month = dt.date(timezone.now().year - 5, 1, 1)
    UsageBatchMonth.objects.all()._raw_delete(connection.alias)
    right, late, posted, failed = race(number, month, locked, chance)
    wrong += not right
    both += bool(late and posted)
    if failed and wrong < 3: print("failed:", failed[:1], file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [month, False])
print(wrong, both)
'''
)


def main() -> None:
    """Race with the lock, then without."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--races", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with installation(Path(tempfile.mkdtemp(prefix="tknops-drill-")) / "data") as (made, _):
        for name, races in (("locked", asked.races), ("unlocked", max(100, asked.races // 5))):
            began = time.monotonic()
            done = made.python(_ROUND, name, str(asked.seed), str(races), owner=True)
            wrong, both = map(int, done.split())
            kind = "with the lock" if name == "locked" else "control, without the lock"
            print(
                f"{kind}: {races:,} races, in {both:,} usage fell on both sides of the close, "
                f"mismatches {wrong:,}, in {time.monotonic() - began:.0f} s"
            )


if __name__ == "__main__":
    main()
