"""What the ingestion benchmarks send in JSON: native events and CloudEvents of 600 contexts."""

import os
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

CUSTOMERS, FEATURES = 50, 4
# Provider, model asked for, model that answered.
MODELS = (
    ("openai", "gpt-5.1", "gpt-5.1-2025-11-13"),
    ("anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    ("google", "gemini-2.5-pro", "gemini-2.5-pro"),
)
CONTEXTS = CUSTOMERS * FEATURES * len(MODELS)
_random = random.Random(7)


@dataclass(slots=True)
class Sent:
    """Bodies, and what a report shows once they are in it: calls and tokens."""

    bodies: list[bytes] = field(default_factory=list)
    events: int = 0
    tokens: int = 0

    @property
    def size(self) -> float:
        """Bytes an event, before any compression."""
        return sum(map(len, self.bodies)) / self.events


def uuid7() -> str:
    """Make a UUIDv7 of now."""
    stamp = time.time_ns() // 1_000_000
    raw = bytearray(stamp.to_bytes(6, "big") + os.urandom(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


def random_id() -> str:
    """Make a UUIDv4, which lies anywhere in the index."""
    return str(uuid.UUID(bytes=os.urandom(16), version=4))


def event(identity: Callable[[], str] = uuid7) -> dict[str, Any]:
    """Make one event as a client would."""
    provider, model, _ = _random.choice(MODELS)
    return {
        "id": identity(),
        "time": _moment(),
        "provider": provider,
        "model": model,
        "customer": f"customer-{_random.randrange(CUSTOMERS)}",
        "feature": f"feature-{_random.randrange(FEATURES)}",
        "environment": "production",
        "tags": {"release": "v41"},
        "usage": {
            "input_tokens": _random.randint(50, 9000),
            "cache_read_tokens": _random.randint(0, 4000),
            "output_tokens": _random.randint(5, 1500),
            "reasoning_tokens": 0,
        },
    }


def _moment() -> str:
    return f"2026-10-{_random.randint(1, 28):02}T14:03:21.{_random.randint(0, 999_999):06}Z"


def native(batch: int, requests: int, identity: Callable[[], str] = uuid7) -> Sent:
    """Encode so many requests of `batch` new events each."""
    sent = Sent()
    for _ in range(requests):
        made = [event(identity) for _ in range(batch)]
        sent.tokens += sum(sum(one["usage"].values()) for one in made)
        sent.events += batch
        sent.bodies.append(msgspec.json.encode(made))
    return sent


def cloud_event() -> dict[str, Any]:
    """Make one CloudEvent as a gateway's callback does, both counts in it."""
    provider, model, _ = _random.choice(MODELS)
    prompt, completion = _random.randint(50, 9000), _random.randint(5, 1500)
    return {
        "specversion": "1.0",
        "id": random_id(),
        "source": "gateway",
        "type": "llm.call",
        "subject": f"customer-{_random.randrange(CUSTOMERS)}",
        "time": _moment(),
        "data": {
            "provider": provider,
            "model": model,
            "feature": f"feature-{_random.randrange(FEATURES)}",
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        },
    }


def cloud_events(batch: int, requests: int) -> Sent:
    """Encode so many batches of new CloudEvents each."""
    sent = Sent()
    for _ in range(requests):
        made = [cloud_event() for _ in range(batch)]
        sent.tokens += sum(one["data"]["total_tokens"] for one in made)
        sent.events += batch
        sent.bodies.append(msgspec.json.encode(made))
    return sent
