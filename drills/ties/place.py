"""Where it runs, said before Django reads its settings: a server and a folder of its own.

With DATABASE_URL a scratch database on that server instead.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

DATA = Path(tempfile.mkdtemp(prefix="tknops-drill-"))
os.environ |= {"TKNOPS_DATA": str(DATA), "REQUIRE_DURABLE": "0"}
# Not UTC, so that a month of a provider is another one than a month of ours.
os.environ |= {"REPORTING_TIME_ZONE": "America/New_York", "REPORTING_CURRENCY": "USD"}

import benchmarks.environment  # noqa: E402, F401 - reads the environment above
from tknops.embedded import Layout, start, stop  # noqa: E402


def _end() -> None:
    layout = Layout.of(DATA)
    if not os.environ.get("DATABASE_URL"):
        stop(layout)
    for folder in (DATA, layout.home, layout.sockets):
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(_end)
if not os.environ.get("DATABASE_URL"):
    start(Layout.of(DATA), durable=False)
