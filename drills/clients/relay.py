"""Stands before tknOps and passes every request on as it is, keeping a copy of what was sent."""

import http.client
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PASSED = ("Content-Type", "Content-Encoding", "Authorization")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it went out, and tknOps' answer."""

    path: str
    kind: str
    encoding: str
    body: bytes
    status: int
    answer: bytes


class Relay(ThreadingHTTPServer):
    """Listens on a free port; `sent` is what passed."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        """Pass on to this port of this machine."""
        super().__init__(("127.0.0.1", 0), _Passing)
        self.to = port
        self.sent: list[Sent] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Passing(BaseHTTPRequestHandler):
    server: Relay
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: self.headers[name] for name in _PASSED if name in self.headers}
        onward = http.client.HTTPConnection("127.0.0.1", self.server.to, timeout=30)
        onward.request("POST", self.path, body, headers)
        got = onward.getresponse()
        answer, kind = got.read(), got.headers.get("Content-Type", "")
        onward.close()
        self.server.sent.append(
            Sent(
                self.path, headers.get("Content-Type", ""), headers.get("Content-Encoding", ""),
                body, got.status, answer,
            )
        )  # fmt: skip
        self.send_response(got.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
