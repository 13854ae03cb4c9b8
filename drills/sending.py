"""Clients that send batches until each was answered, as a careful SDK does."""

import http.client
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence

_RETRIED = frozenset((429, 500, 502, 503, 504))
_WAIT = 0.05


def identity() -> str:
    """Make a UUIDv7 of now."""
    raw = bytearray((time.time_ns() // 1_000_000).to_bytes(6, "big") + random.randbytes(10))
    raw[6], raw[8] = 0x70 | raw[6] & 0x0F, 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


def event(name: str) -> dict:
    """Make the event of an id: the same content each time it is sent."""
    number = int(name[-4:], 16)
    return {
        "id": name, "time": f"2026-10-{number % 28 + 1:02}T12:00:00Z", "provider": "openai",
        "model": f"model-{number % 3}", "customer": f"c{number % 50}",
        "usage": {"input_tokens": number, "output_tokens": 7},
    }  # fmt: skip


class Sender:
    """One client with one connection; counts every answer by its status."""

    def __init__(self, port: int, key: str) -> None:
        """Connect lazily."""
        self.port = port
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.connection: http.client.HTTPConnection | None = None
        self.answers: Counter[str] = Counter()

    def send(self, names: Sequence[str], *, give_up_at: float) -> bool:
        """Send a batch until it is answered; False if time ran out: then nothing is known."""
        body = json.dumps([event(name) for name in names])
        while time.monotonic() < give_up_at:
            status, text = self._try(body)
            self.answers[str(status)] += 1
            if status == http.client.OK:
                counts = json.loads(text)
                for fate in ("stored", "duplicate", "conflict", "rejected"):
                    self.answers[fate] += counts[fate]
                return True
            if status not in _RETRIED and status:
                message = f"answer {status}: {text[:200]!r}"
                raise RuntimeError(message)
            time.sleep(_WAIT)
        return False

    def _try(self, body: str) -> tuple[int, bytes]:
        """Post once; status 0 where there was no answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self.connection.request("POST", "/api/v1/events", body, self.headers)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            return 0, b""
