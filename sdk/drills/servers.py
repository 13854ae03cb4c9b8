"""gunicorn with --preload and Celery's prefork pool: events created = events stored.

python -m drills.servers
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from drills.latency import HERE, free_port, receiver

APP = """
import os, tknops_sdk
tknops_sdk.init()
tknops_sdk.record("p", "before the fork", {"input_tokens": 1})
def app(environ, start_response):
    with tknops_sdk.attribute(customer="acme"):
        tknops_sdk.record("p", "m", {"input_tokens": 1})
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
"""
TASKS = """
import os, celery, tknops_sdk
from tknops_sdk.integrations.celery import connect
folder = os.environ["FOLDER"]
app = celery.Celery("tasks", broker="filesystem://")
app.conf.broker_transport_options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "-control"}
tknops_sdk.init()
connect()
@app.task
def work():
    tknops_sdk.record("p", "m", {"input_tokens": 1})
"""


def gunicorn(url: str, folder: Path, ids: Path, calls: int = 200) -> None:
    (folder / "site.app").mkdir()
    (folder / "site.app" / "web.py").write_text(APP)
    port = free_port()
    said = {
        **os.environ,
        "TKNOPS_URL": url,
        "TKNOPS_API_KEY": "k",
        "TKNOPS_SPOOL": str(folder / "spool"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--preload", "-w", "3", "-b", f"127.0.0.1:{port}", "web:app"],
        cwd=folder / "site.app", env={**said, "PYTHONPATH": str(HERE / "src")}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    workers = set()
    for _ in range(calls):
        while True:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer,
            ):
                workers.add(answer.read())
                break
            time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    print(f"gunicorn --preload: {len(workers)} workers, created {calls + 1}, stored {count(ids)}")


def celery(url: str, folder: Path, ids: Path, calls: int = 200) -> None:
    (folder / "site.tasks").mkdir()
    (folder / "site.tasks" / "tasks.py").write_text(TASKS)
    queue = folder / "queue"
    queue.mkdir()
    Path(f"{queue}-control").mkdir()
    said = {
        **os.environ, "TKNOPS_URL": url, "TKNOPS_API_KEY": "k", "TKNOPS_SPOOL": str(folder / "spool"),
        "FOLDER": str(queue), "PYTHONPATH": f"{HERE / 'src'}{os.pathsep}{folder / 'site.tasks'}",
    }  # fmt: skip
    send = f"import tasks\nfor _ in range({calls}): tasks.work.delay()"
    subprocess.run([sys.executable, "-c", send], env=said, check=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-P", "prefork", "-c", "3", "--loglevel", "ERROR"],
        env=said, cwd=folder / "site.tasks", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 120
    while any(queue.iterdir()) and time.monotonic() < end:
        time.sleep(0.2)
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    print(f"Celery prefork: created {calls}, stored {count(ids)}")


def count(ids: Path) -> int:
    return len(set(ids.read_text().split()))


def main() -> None:
    for drill in (gunicorn, celery):
        folder = Path(tempfile.mkdtemp(prefix="tknops-servers-"))
        ids = folder / "ids"
        ids.touch()
        with receiver("--file", str(ids)) as url:
            drill(url, folder, ids)


if __name__ == "__main__":
    main()
