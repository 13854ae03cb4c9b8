"""A tknOps server's door on this machine: keeps events by id, answers as the contract says."""

from __future__ import annotations

import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """`status` and `wait` say how it behaves; `events` is what it stored, by id."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Answering)
        self.events: dict[str, dict] = {}
        self.requests: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.status, self.wait, self.retry_after, self.most = 200, 0.0, "", 5000
        self.reject: dict[str, str] = {}
        self.counting = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def take(self, events: list[dict]) -> tuple[int, dict]:
        counts = {"stored": 0, "duplicate": 0, "conflict": 0, "rejected": 0}
        results = []
        with self.counting:
            for index, event in enumerate(events):
                known = self.events.get(event["id"])
                if code := self.reject.get(event.get("model", "")):
                    fate = "rejected"
                    results.append(
                        {"index": index, "id": event["id"], "status": fate, "code": code}
                    )
                elif known is None:
                    fate = "stored"
                    self.events[event["id"]] = event
                else:
                    fate = "duplicate" if known == event else "conflict"
                counts[fate] += 1
        if events and counts["rejected"] == len(events):
            return 422, {"code": "all_rejected", "errors": results}
        return 200, {**counts, "results": results}


class _Answering(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.requests.append(dict(self.headers))
        self.server.bodies.append(body)
        if self.server.wait:
            time.sleep(self.server.wait)
        status, answer = self.server.status, {"code": "said"}
        events = json.loads(body)
        if status == 200:
            status, answer = (
                (413, {}) if len(events) > self.server.most else self.server.take(events)
            )
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
