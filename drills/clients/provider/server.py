"""The provider as a server; a prompt says its case: `case:NAME`, optionally failing first."""

import json
import re
import threading
import uuid
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from drills.clients.provider import anthropic, openai
from drills.clients.provider.truth import Call, draw

_CASE = re.compile(r"case:([a-z0-9-]+)")
_FAILS = {"error-429": 429, "error-500": 500}
# What is asked for → what is served, as dated releases are.
SERVED = {
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-5.1": "gpt-5.1-2025-11-13",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
}


class Provider(ThreadingHTTPServer):
    """Listens on a free port; `calls` is what it counted."""

    daemon_threads = True

    def __init__(self) -> None:
        """Bind and serve."""
        super().__init__(("127.0.0.1", 0), _Answering)
        self.calls: list[Call] = []
        self.failures: dict[str, int] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is, without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fails(self, case: str) -> int:
        """Return the status a request fails with, 0 if it does not; `retried-N` fails N times."""
        for name, status in _FAILS.items():
            if name in case:
                return status
        if found := re.search(r"retried-(\d)", case):
            self.failures[case] = self.failures.get(case, 0) + 1
            return 500 if self.failures[case] <= int(found[1]) else 0
        return 0


class _Answering(BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(body)
        case = _CASE.search(body.decode())[1]
        provider = "anthropic" if self.path.endswith("/messages") else "openai"
        model = SERVED.get(asked["model"], asked["model"])
        embeds = self.path.endswith("/embeddings")
        counts = draw(case, provider=provider, embeds=embeds)
        if status := self.server.fails(case):
            self.server.calls.append(
                Call(case, provider, asked["model"], asked["model"], counts, failed=True)
            )
            self._send(status, {"type": "error", "error": {"type": "api_error", "message": "No."}})
            return
        name = uuid.uuid4().hex
        streamed = asked.get("stream", False)
        told = True
        if self.path.endswith("/chat/completions") and streamed:
            told = bool((asked.get("stream_options") or {}).get("include_usage"))
        self.server.calls.append(Call(case, provider, asked["model"], model, counts, told=told))
        if not streamed:
            self._send(200, self._whole(name, model, counts))
        elif provider == "anthropic":
            self._stream(anthropic.stream(name, model, counts))
        elif self.path.endswith("/responses"):
            self._stream(openai.response_stream(name, model, counts))
        else:
            self._stream(openai.chat_stream(name, model, counts, told=told))

    def _whole(self, name: str, model: str, counts) -> dict:
        if self.path.endswith("/messages"):
            return anthropic.message(name, model, counts)
        if self.path.endswith("/responses"):
            return openai.response(name, model, counts)
        if self.path.endswith("/embeddings"):
            return openai.embeddings(model, counts)
        return openai.chat(name, model, counts)

    def _send(self, status: int, answer: dict) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, events: Iterable[dict | str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in events:
            named = (
                f"event: {event['type']}\n" if isinstance(event, dict) and "type" in event else ""
            )
            data = event if isinstance(event, str) else json.dumps(event)
            self.wfile.write(f"{named}data: {data}\n\n".encode())
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
