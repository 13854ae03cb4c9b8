"""Where tests run, said before Django reads its settings: loaded by `-p` in pyproject.toml.

Tests run on a real PostgreSQL: the embedded one, in a folder kept between runs.
"""

import fcntl
import os
from pathlib import Path

OWN_SERVER = not os.environ.get("DATABASE_URL")
DATA = Path(os.environ.get("TKNOPS_TEST_DATA") or Path(__file__).parent.parent / ".cache" / "tests")
(DATA / "static").mkdir(parents=True, exist_ok=True)
os.environ["TKNOPS_DATA"] = str(DATA)
os.environ["TKNOPS_DB_ROLE"] = "owner"
os.environ["REQUIRE_DURABLE"] = "0"
os.environ.setdefault("SECRET_KEY", "only-for-tests")

for _name in ("HTTPS", "DEBUG", "ALLOWED_HOSTS", "CELERY_BROKER_URL"):
    os.environ.pop(_name, None)

from tknops.embedded import Layout, start, stop  # noqa: E402 - reads the environment above

# Held shared by each run and worker: the last one that uses the server stops it.
_USERS = (DATA / "users.lock").open("a")
fcntl.flock(_USERS, fcntl.LOCK_SH)
if OWN_SERVER:
    start(Layout.of(DATA), durable=False)


def pytest_unconfigure(config):
    with _USERS:
        if not OWN_SERVER or hasattr(config, "workerinput"):
            return
        try:
            fcntl.flock(_USERS, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        stop(Layout.of(DATA))
