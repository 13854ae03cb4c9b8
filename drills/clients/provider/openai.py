"""Answers of OpenAI's API: chat, streamed chat, responses, embeddings."""

import time
from collections.abc import Iterator

from drills.clients.provider.truth import Counts

Json = dict


def chat_usage(counts: Counts) -> Json:
    """Spell the counts as chat completions do."""
    return {
        "prompt_tokens": counts.given,
        "completion_tokens": counts.output_tokens,
        "total_tokens": counts.given + counts.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": counts.cache_read_tokens,
            "cache_write_tokens": counts.cache_write_tokens,
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": counts.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def chat(name: str, model: str, counts: Counts) -> Json:
    """Answer a chat."""
    message = {"role": "assistant", "content": "A secret answer.", "refusal": None}
    return {
        "id": f"chatcmpl-{name}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "service_tier": "default",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": chat_usage(counts),
    }


def chat_stream(name: str, model: str, counts: Counts, *, told: bool) -> Iterator[Json | str]:
    """Answer in chunks; the last one states the usage, if it was asked for."""
    base = {
        "id": f"chatcmpl-{name}", "object": "chat.completion.chunk", "created": int(time.time()),
        "model": model, "service_tier": "default",
    }  # fmt: skip
    unsaid = {"usage": None} if told else {}
    for text in ("A secret", " answer."):
        delta = {"role": "assistant", "content": text}
        yield base | unsaid | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield base | unsaid | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    if told:
        yield base | {"choices": [], "usage": chat_usage(counts)}
    yield "[DONE]"


def response(name: str, model: str, counts: Counts) -> Json:
    """Answer of the Responses API."""
    text = {"type": "output_text", "text": "A secret answer.", "annotations": []}
    message = {
        "id": f"msg_{name}", "type": "message", "role": "assistant", "status": "completed",
        "content": [text],
    }  # fmt: skip
    return {
        "id": f"resp_{name}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "completed",
        "model": model,
        "service_tier": "default",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "top_p": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "output": [message],
        "usage": {
            "input_tokens": counts.given,
            "input_tokens_details": {
                "cached_tokens": counts.cache_read_tokens,
                "cache_write_tokens": counts.cache_write_tokens,
            },
            "output_tokens": counts.output_tokens,
            "output_tokens_details": {"reasoning_tokens": counts.reasoning_tokens},
            "total_tokens": counts.given + counts.output_tokens,
        },
    }


def response_stream(name: str, model: str, counts: Counts) -> Iterator[Json]:
    """Answer in events; usage stands in the last one."""
    whole = response(name, model, counts)
    begun = whole | {"status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "sequence_number": 0, "response": begun}
    yield {
        "type": "response.output_text.delta", "sequence_number": 1, "item_id": f"msg_{name}",
        "output_index": 0, "content_index": 0, "delta": "A secret answer.", "logprobs": [],
    }  # fmt: skip
    yield {"type": "response.completed", "sequence_number": 2, "response": whole}


def embeddings(model: str, counts: Counts) -> Json:
    """Answer with one vector."""
    vector = {"object": "embedding", "index": 0, "embedding": [0.25, -0.5, 0.125]}
    usage = {"prompt_tokens": counts.given, "total_tokens": counts.given}
    return {"object": "list", "model": model, "data": [vector], "usage": usage}
