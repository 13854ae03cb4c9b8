"""A wire to the server that can be cut: refuses, or swallows the answer to what was stored."""

import contextlib
import enum
import socket
import threading


class Mood(enum.StrEnum):
    """How the wire behaves."""

    UP = "up"
    DOWN = "down"
    NO_ANSWER = "answers lost"


class Wire:
    """Forwards connections to a port of this machine, each in a thread."""

    def __init__(self, to: int) -> None:
        """Listen."""
        self._to, self.mood = to, Mood.UP
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self.mood is Mood.DOWN:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._to))
            threading.Thread(target=self._carry, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:  # noqa: FBT001
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.mood is Mood.DOWN or (is_answer and self.mood is Mood.NO_ANSWER):
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        """Stop listening."""
        self._listening.close()
