"""A billing file of a million lines: progress seen, memory bounded, a stop leaves nothing.

python -m drills.import_million [--rows 1000000]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drills.installation import Installation

LINES_PER_INVOICE = 10
CUSTOMERS = 20_000
MOST_MIB = 512
_RECEIVE = """
import sys
from pathlib import Path
import django
django.setup()
from billing.importers import keep, receive
with Path(sys.argv[1]).open("rb") as file:
    path = keep(iter(lambda: file.read(1 << 20), b""))
print(receive(path=path, file_name="million.csv", profile="generic").pk)
"""
# The work of a job in a process of its own, as a worker does it; prints its peak of memory.
_WORK = """
import resource, sys
import django
django.setup()
from tknops.jobs.queue import enqueue
from tknops.jobs.run import run
job = enqueue(kind=sys.argv[1], arguments={"made": int(sys.argv[2])}, ring=False)
run(job.pk)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
_COUNTS = """
    SELECT (SELECT count(*) FROM billing_stagedrow), (SELECT count(*) FROM billing_invoice),
           (SELECT count(*) FROM billing_invoiceline),
           (SELECT coalesce(sum(amount_minor), 0) FROM billing_invoiceline),
           (SELECT count(*) FROM billing_billingcustomer), (SELECT state FROM billing_billingimport)
"""


def main() -> None:
    """Import, stop, import, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    folder = Path(tempfile.mkdtemp(prefix="tknops-drill-"))
    made = Installation(folder / "data")
    try:
        made.start_database()
        made.manage("migrate", "--verbosity", "0", owner=True)
        file = folder / "million.csv"
        total = _write(file, rows)
        print(f"{rows:,} lines, {file.stat().st_size / 2**20:,.0f} MiB")
        _drill(made, file, rows, total)
    finally:
        made.end()


def _write(file: Path, rows: int) -> int:
    """Write the file; return the sum of its amounts in minor units."""
    total = 0
    with file.open("w") as out:
        out.write(
            "external_customer_id,customer_name,invoice_id,line_id,plan_code,amount,currency,"
            "service_start,service_end,invoice_date,type,status\n"
        )
        for number in range(rows):
            invoice, line = divmod(number, LINES_PER_INVOICE)
            customer = invoice % CUSTOMERS
            minor = 100 + number % 9_973
            total += minor
            out.write(
                f"c-{customer},Customer {customer},I-{invoice},{line},plan-{customer % 7},"
                f"{minor // 100}.{minor % 100:02},USD,2026-10-01,2026-11-01,2026-10-01,"
                "recurring,paid\n"
            )
    return total


def _drill(made: Installation, file: Path, rows: int, total: int) -> None:
    number = _python(made, _RECEIVE, str(file)).communicate()[0].strip()
    peaks = []
    for kind, stop_at in (
        ("stage-billing", rows // 2),
        ("stage-billing", None),
        ("apply-billing", rows // 5),
        ("apply-billing", None),
    ):
        peaks.append(_job(made, kind, number, stop_at))
        staged, invoices, lines, minor, customers, state = made.sql(_COUNTS)[0]
        print(
            f"  import {state}: {staged:,} staged rows, {invoices:,} invoices, {lines:,} lines, "
            f"{customers:,} customers"
        )
        if kind == "apply-billing" and stop_at is not None and (invoices or lines or customers):
            raise SystemExit("stopped half-way, and something stayed")
    same = "equal to" if minor == total else "DIFFERENT FROM"
    print(f"sum of the lines {minor:,} minor units, {same} the file's {total:,}")
    worst = max(peaks)
    verdict = "below" if worst < MOST_MIB else "NOT BELOW"
    print(f"peak of memory {worst:,.0f} MiB, {verdict} {MOST_MIB} MiB")


def _job(made: Installation, kind: str, number: str, stop_at: int | None) -> float:
    """Do a job, watching its row; return its peak of memory in MiB."""
    before = made.sql("SELECT coalesce(max(id), 0) FROM jobs_job")[0][0]
    began, seen, asked = time.monotonic(), [], False
    process = _python(made, _WORK, kind, number)
    while process.poll() is None:
        time.sleep(0.5)
        query = f"SELECT progress FROM jobs_job WHERE id > {before}"
        for (progress,) in made.sql(query):
            if progress and progress not in seen:
                seen.append(progress)
            if stop_at is not None and progress >= stop_at and not asked:
                asked = True
                made.sql(f"UPDATE jobs_job SET cancel_asked_at = now() WHERE id > {before}")
    peak = int(process.communicate()[0]) / 1024
    [(state, error)] = made.sql(f"SELECT state, error FROM jobs_job WHERE id > {before}")
    first = ", ".join(f"{progress:,}" for progress in seen[:: max(1, len(seen) // 5)])
    print(
        f"{kind}{', stopped' if asked else ''}: {state} after {time.monotonic() - began:.0f} s, "
        f"peak {peak:,.0f} MiB; progress seen {len(seen)} times: {first} {error}"
    )
    return peak


def _python(made: Installation, code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**made.env, "PYTHONPATH": str(Path.cwd())}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
