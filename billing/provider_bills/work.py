"""Reading bills as background work: what the kinds of jobs call, and how a bill is sent there."""

from typing import Any

from django.utils import timezone

from billing.importers import ImportRefusedError
from billing.models import ProviderImport
from billing.provider_bills.apply import apply_bill
from billing.provider_bills.receive import drop_kept, kept_bytes
from billing.provider_bills.stage import stage_bill
from tknops.jobs.models import Job
from tknops.jobs.progress import Report
from tknops.jobs.run import start

# Small enough to be waited for; larger ones are read by a worker.
AT_ONCE = 256 * 1024


def start_bill(*, made: ProviderImport, user: Any = None, whole: bool, wait: bool = False) -> Job:
    """Have a received bill read, and if `whole` imported; at once if it is small, or to `wait`."""
    return start(
        kind="import-bill" if whole else "stage-bill",
        arguments={"bill": made.pk},
        user=user,
        at_once=wait or kept_bytes(made) <= AT_ONCE,
    )


def job_of(made: ProviderImport) -> Job | None:
    """Return the latest job of an import."""
    return Job.objects.filter(arguments__bill=made.pk, kind__endswith="-bill").last()


def read_kept(report: Report, *, bill: int) -> dict[str, Any]:
    """Stage a bill that was sent; its files are not needed afterwards."""
    made = ProviderImport.objects.get(pk=bill)
    files = made.files
    made = stage_bill(made=made, report=report)
    drop_kept(files)
    return {"state": made.state, "lines": made.lines, "errors": len(made.errors)}


def import_whole(report: Report, *, bill: int) -> dict[str, Any]:
    """Stage a bill and, if it is good, let it count: what machines ask for, who look afterwards."""
    staged = read_kept(report, bill=bill)
    if staged["state"] != ProviderImport.State.STAGED:
        return staged
    try:
        made = apply_bill(made=ProviderImport.objects.get(pk=bill), now=timezone.now())
    except ImportRefusedError as error:
        return staged | {"refused": "; ".join(one.message for one in error.errors)}
    return staged | {"state": made.state}
