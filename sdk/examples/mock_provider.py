"""A provider of chat completions on this machine: a token for each word, no model."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        read, written = len(asked["messages"][-1]["content"].split()), 300
        choice = {"index": 0, "finish_reason": "stop"}
        data = json.dumps(
            {
                "id": f"chatcmpl-{id(asked)}",
                "object": "chat.completion",
                "created": 0,
                "model": asked["model"],
                "choices": [{**choice, "message": {"role": "assistant", "content": "Hello."}}],
                "usage": {
                    "prompt_tokens": read,
                    "completion_tokens": written,
                    "total_tokens": read + written,
                },
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Say nothing."""


def serve():
    """Begin to answer in a thread; return the address for a client."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/v1"
