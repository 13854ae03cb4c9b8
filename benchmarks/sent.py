"""The events the ingestion benchmark sends: 600 contexts, UUIDv7 ids, four token classes."""

import os
import random
import time
import uuid
from typing import Any

import msgspec

CUSTOMERS, FEATURES, MODELS = 50, 4, 3
_MODELS = (("openai", "gpt-5.1"), ("anthropic", "claude-sonnet-4-5"), ("google", "gemini-2.5-pro"))
_random = random.Random(7)


def uuid7() -> str:
    """Make a UUIDv7 of now."""
    stamp = time.time_ns() // 1_000_000
    raw = bytearray(stamp.to_bytes(6, "big") + os.urandom(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


def event() -> dict[str, Any]:
    """Make one event as a client would."""
    provider, model = _random.choice(_MODELS)
    return {
        "id": uuid7(),
        "time": f"2026-10-{_random.randint(1, 28):02}T14:03:21.{_random.randint(0, 999_999):06}Z",
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


def bodies(batch: int, requests: int) -> list[bytes]:
    """Encode so many requests of `batch` new events each."""
    return [msgspec.json.encode([event() for _ in range(batch)]) for _ in range(requests)]
