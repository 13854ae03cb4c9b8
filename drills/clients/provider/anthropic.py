"""Answers of Anthropic's API: messages, whole and streamed."""

from collections.abc import Iterator

from drills.clients.provider.truth import Counts

Json = dict


def usage(counts: Counts) -> Json:
    """Spell the counts: input is what neither came from nor went to the cache."""
    return {
        "input_tokens": counts.input_tokens,
        "cache_read_input_tokens": counts.cache_read_tokens,
        "cache_creation_input_tokens": counts.cache_write_tokens + counts.cache_write_1h_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": counts.cache_write_tokens,
            "ephemeral_1h_input_tokens": counts.cache_write_1h_tokens,
        },
        "output_tokens": counts.output_tokens,
        "output_tokens_details": {"thinking_tokens": counts.reasoning_tokens},
        "server_tool_use": None,
        "service_tier": "standard",
    }


def message(name: str, model: str, counts: Counts) -> Json:
    """Answer with a message."""
    return {
        "id": f"msg_{name}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": "A secret answer."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage(counts),
    }


def stream(name: str, model: str, counts: Counts) -> Iterator[Json]:
    """Answer in events; the usage of the last is cumulative."""
    whole = usage(counts)
    begun = message(name, model, counts) | {"content": [], "stop_reason": None}
    begun["usage"] = whole | {"output_tokens": 1, "output_tokens_details": {"thinking_tokens": 0}}
    yield {"type": "message_start", "message": begun}
    text = {"type": "text", "text": ""}
    yield {"type": "content_block_start", "index": 0, "content_block": text}
    delta = {"type": "text_delta", "text": "A secret answer."}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    last = {
        name: whole[name]
        for name in (
            "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
            "output_tokens", "output_tokens_details",
        )
    }  # fmt: skip
    stopped = {"stop_reason": "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": stopped, "usage": last}
    yield {"type": "message_stop"}
