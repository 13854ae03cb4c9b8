"""python -m tknops.supervisor: what `make run` runs."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tknops import embedded
from tknops.supervisor.checks import StoppedError, hold, port
from tknops.supervisor.interruption import InterruptedByUserError, Interruption
from tknops.supervisor.parts import BASE, commands, manage, web_answers
from tknops.supervisor.processes import Child, last_lines, spawn, stop_all

_PATIENCE = 60.0


class Supervisor:
    """The parts of one installation, from start to stop."""

    def __init__(self, data_dir: Path, port_number: int, interruption: Interruption) -> None:
        """Take note of what to run; start nothing."""
        self.data_dir = data_dir
        self.port = port_number
        self.interruption = interruption
        self.own_server = not os.environ.get("DATABASE_URL")
        self.children: list[Child] = []
        # Not in the data folder: the path of a socket has at most 107 bytes.
        self.answers_socket = Path(tempfile.mkdtemp(prefix="tknops-")) / "answers"
        self.env = {
            **os.environ,
            "TKNOPS_DATA": str(data_dir),
            "TKNOPS_URL": f"http://127.0.0.1:{port_number}",
            "ANSWERS_SOCKET": str(self.answers_socket),
        }

    def run(self) -> None:
        """Start everything and stay; whatever ends it, stop everything.

        Raises StoppedError if a part dies, InterruptedByUserError if asked to stop.
        """
        try:
            self._start()
            while True:
                self._require_alive()
                time.sleep(0.5)
        finally:
            self.interruption.ignore()
            stop_all(self.children)
            shutil.rmtree(self.answers_socket.parent, ignore_errors=True)
            if self.own_server:
                embedded.stop(self._layout())

    def _start(self) -> None:
        if self.own_server:
            with self.interruption.held():
                embedded.ensure_running(self.data_dir)
        owner = {**self.env, "TKNOPS_DB_ROLE": "owner"}
        manage(["migrate", "--verbosity", "0"], owner)
        manage(["setup_installation"], self.env)
        for name, command in commands(self.port, self.answers_socket).items():
            with self.interruption.held():
                logs = self.data_dir / "logs"
                self.children.append(spawn(name, command, logs=logs, env=self.env, cwd=BASE))
        self._wait_for_web()
        manage(["first_run"], self.env)

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not web_answers(self.port):
            self._require_alive()
            if time.monotonic() > deadline:
                log = self.data_dir / "logs" / "web.log"
                message = f"web did not answer within {_PATIENCE:.0f} seconds. {last_lines(log)}"
                raise StoppedError(message)

    def _require_alive(self) -> None:
        for child in self.children:
            if child.process.poll() is not None:
                raise StoppedError(child.obituary())
        if self.own_server and not embedded.is_running(layout := self._layout()):
            message = f"PostgreSQL ended. {last_lines(layout.log)}"
            raise StoppedError(message)

    def _layout(self) -> embedded.Layout:
        return embedded.Layout.of(self.data_dir)


def main() -> int:
    """Run until asked to stop or a part dies; return the exit code."""
    try:
        interruption = Interruption()
        data_dir = embedded.data_dir()
        with hold(data_dir):
            Supervisor(data_dir, port(), interruption).run()
    except InterruptedByUserError:
        sys.stdout.write("\nStopped.\n")
    except (StoppedError, embedded.EmbeddedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
