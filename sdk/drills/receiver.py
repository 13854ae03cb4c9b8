"""A process of its own that stands in for the server, so that its work is not the host's.

python -m drills.receiver PORT [--slow SECONDS] [--file IDS]
"""

import argparse
import gzip
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    slow = 0.0
    ids = None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.slow:
            time.sleep(self.slow)
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        events = json.loads(body) if self.path.endswith("/events") else []
        if self.ids is not None:
            self.ids.write("".join(f"{event['id']}\n" for event in events))
            self.ids.flush()
        counts = {"stored": len(events), "duplicate": 0, "conflict": 0, "rejected": 0}
        data = json.dumps({**counts, "results": []}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    _Answering.slow = asked.slow
    if asked.file is not None:
        _Answering.ids = asked.file.open("a")
    server = ThreadingHTTPServer(("127.0.0.1", asked.port), _Answering)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
