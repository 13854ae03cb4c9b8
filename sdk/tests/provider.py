"""Providers of models on this machine, answering in their documented payloads."""

from __future__ import annotations

import json
import struct
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "canary-in-an-answer"
CHAT = {
    "prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500,
    "prompt_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 128, "audio_tokens": 0, "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}  # fmt: skip
RESPONSES = {
    "input_tokens": 900, "input_tokens_details": {"cached_tokens": 512, "cache_write_tokens": 0},
    "output_tokens": 77, "output_tokens_details": {"reasoning_tokens": 11}, "total_tokens": 977,
}  # fmt: skip
ANTHROPIC = {
    "input_tokens": 5, "cache_creation_input_tokens": 1253, "cache_read_input_tokens": 128955,
    "cache_creation": {"ephemeral_5m_input_tokens": 1253, "ephemeral_1h_input_tokens": 0},
    "output_tokens": 550, "output_tokens_details": {"thinking_tokens": 310},
    "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0},
    "service_tier": "standard", "inference_geo": "us",
}  # fmt: skip
GEMINI = {
    "promptTokenCount": 1000, "cachedContentTokenCount": 800, "candidatesTokenCount": 104,
    "thoughtsTokenCount": 989, "totalTokenCount": 2093,
    "promptTokensDetails": [
        {"modality": "TEXT", "tokenCount": 742}, {"modality": "IMAGE", "tokenCount": 258},
    ],
}  # fmt: skip
BEDROCK = {
    "inputTokens": 18, "outputTokens": 386, "totalTokens": 7906, "cacheReadInputTokens": 0,
    "cacheWriteInputTokens": 7502,
}  # fmt: skip
IMAGES = {
    "input_tokens": 50, "input_tokens_details": {"image_tokens": 40, "text_tokens": 10},
    "output_tokens": 4160, "total_tokens": 4210,
}  # fmt: skip


class Provider(ThreadingHTTPServer):
    """`fail` answers with statuses in turn, 200 when there are none left; `slow` waits."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.fail: list[int] = []
        self.slow = 0.0
        self.asked: list[dict] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


def chat(model: str) -> dict:
    message = {"role": "assistant", "content": SECRET, "refusal": None}
    return {
        "id": f"chatcmpl-{time.time_ns()}", "object": "chat.completion", "created": 1761998400,
        "model": f"{model}-2026-01-01", "service_tier": "default",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": CHAT,
    }  # fmt: skip


def chat_stream(model: str, *, told: bool) -> list:
    base = {
        "id": f"chatcmpl-{time.time_ns()}", "object": "chat.completion.chunk",
        "created": 1761998400, "model": f"{model}-2026-01-01", "service_tier": "default",
    }  # fmt: skip
    unsaid = {"usage": None} if told else {}
    chunks: list = [
        {
            **base,
            **unsaid,
            "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}],
        }
        for text in ("canary-in", "-an-answer")
    ]
    chunks.append(
        {**base, **unsaid, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    )
    if told:
        chunks.append({**base, "choices": [], "usage": CHAT})
    return [*chunks, "[DONE]"]


def response(model: str, **more: object) -> dict:
    text = {"type": "output_text", "text": SECRET, "annotations": []}
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
        "content": [text],
    }  # fmt: skip
    return {
        "id": "resp_0123456789", "object": "response", "created_at": 1761998400,
        "status": "completed", "model": model, "service_tier": "flex", "error": None,
        "incomplete_details": None, "instructions": None, "metadata": {}, "tools": [],
        "parallel_tool_calls": True, "temperature": 1.0, "top_p": 1.0, "tool_choice": "auto",
        "output": [message], "usage": RESPONSES, **more,
    }  # fmt: skip


def response_stream(model: str) -> list:
    begun = response(model, status="in_progress", output=[], usage=None)
    delta = {
        "type": "response.output_text.delta", "sequence_number": 1, "item_id": "msg_1",
        "output_index": 0, "content_index": 0, "delta": SECRET, "logprobs": [],
    }  # fmt: skip
    return [
        {"type": "response.created", "sequence_number": 0, "response": begun},
        delta,
        {"type": "response.completed", "sequence_number": 2, "response": response(model)},
    ]


def message(model: str) -> dict:
    return {
        "id": f"msg_{time.time_ns()}", "type": "message", "role": "assistant",
        "model": f"{model}-20250929", "content": [{"type": "text", "text": SECRET}],
        "stop_reason": "end_turn", "stop_sequence": None, "usage": ANTHROPIC,
    }  # fmt: skip


def message_stream(model: str) -> list:
    begun = {**message(model), "content": [], "stop_reason": None}
    begun["usage"] = {
        **ANTHROPIC,
        "output_tokens": 1,
        "output_tokens_details": {"thinking_tokens": 0},
    }
    last = {
        name: ANTHROPIC[name] for name in ("input_tokens", "output_tokens", "output_tokens_details")
    }
    return [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": SECRET}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": {**last, "output_tokens": 100}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
         "usage": last},
        {"type": "message_stop"},
    ]  # fmt: skip


def gemini(**more: object) -> dict:
    content = {"role": "model", "parts": [{"text": SECRET}]}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "modelVersion": "gemini-2.5-pro-001", "responseId": f"r-{time.time_ns()}",
        "usageMetadata": GEMINI, **more,
    }  # fmt: skip


def frame(kind: str, payload: dict) -> bytes:
    """One message of AWS's event stream: prelude, headers, payload, checksums."""
    headers = b""
    for name, value in ((":event-type", kind), (":content-type", "application/json"),
                        (":message-type", "event")):  # fmt: skip
        headers += bytes([len(name)]) + name.encode() + b"\x07"
        headers += struct.pack("!H", len(value)) + value.encode()
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(body), len(headers))
    prelude += struct.pack("!I", zlib.crc32(prelude))
    whole = prelude + headers + body
    return whole + struct.pack("!I", zlib.crc32(whole))


class _Answering(BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = self.path.split("?", 1)[0]
        if "/batches/batch_" in path:
            self._send({
                "id": path.rsplit("/", 1)[-1], "object": "batch", "endpoint": "/v1/chat/completions",
                "input_file_id": "f", "completion_window": "24h", "status": "completed",
                "created_at": 1761998400, "completed_at": 1762000000, "model": "gpt-5.1",
                "usage": RESPONSES,
            })  # fmt: skip
        elif "/responses/" in path:
            self._send(response("gpt-5.1", background=True, id=path.rsplit("/", 1)[-1]))
        elif path.endswith("/results"):
            lines = [
                {"custom_id": "a", "result": {"type": "succeeded", "message": message("claude-sonnet-4-5")}},
                {"custom_id": "b", "result": {"type": "errored", "error": {
                    "type": "error", "error": {"type": "api_error", "message": "no"}}}},
            ]  # fmt: skip
            body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
            self._send_bytes(200, "application/x-jsonl", body)
        else:
            self._send({
                "id": path.rsplit("/", 1)[-1], "type": "message_batch", "processing_status": "ended",
                "request_counts": {"processing": 0, "succeeded": 1, "errored": 1, "canceled": 0, "expired": 0},
                "ended_at": "2026-11-01T00:00:00Z", "created_at": "2026-11-01T00:00:00Z",
                "expires_at": "2026-11-02T00:00:00Z", "archived_at": None,
                "cancel_initiated_at": None,
                "results_url": f"{self.server.url}{path}/results",
            })  # fmt: skip

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        try:
            asked = json.loads(body)
        except ValueError:
            asked = {}
        self.server.asked.append(asked)
        if self.server.slow:
            time.sleep(self.server.slow)
        if self.server.fail:
            status = self.server.fail.pop(0)
            if status != 200:
                self._send({"error": {"type": "api_error", "message": "No.", "code": None}}, status)
                return
        self._answer(self.path.split("?", 1)[0], asked)

    def _answer(self, path: str, asked: dict) -> None:
        model, streamed = asked.get("model", "m"), asked.get("stream") is True
        if path.endswith("/chat/completions"):
            told = bool((asked.get("stream_options") or {}).get("include_usage"))
            self._either(streamed, chat_stream(model, told=told), chat(model))
        elif path.endswith("/responses"):
            if asked.get("background"):
                self._send(response(model, background=True, status="queued", usage=None, output=[]))
                return
            self._either(streamed, response_stream(model), response(model))
        elif path.endswith("/v1/messages"):
            self._either(streamed, message_stream(model), message(model))
        elif path.endswith("/embeddings"):
            vector = {"object": "embedding", "index": 0, "embedding": [0.25, -0.5]}
            usage = {"prompt_tokens": 8, "total_tokens": 8}
            self._send({"object": "list", "model": model, "data": [vector], "usage": usage})
        elif "/images/" in path:
            usage = {"usage": IMAGES} if model.startswith("gpt") else {}
            self._send({"created": 1, "data": [{"b64_json": SECRET}] * 2, **usage})
        elif path.endswith("/audio/transcriptions"):
            self._send({"text": SECRET, "usage": {"type": "duration", "seconds": 12}})
        elif path.endswith("/audio/speech"):
            self._send_bytes(200, "audio/mpeg", b"sound")
        elif ":streamGenerateContent" in path:
            first = gemini(
                usageMetadata={**GEMINI, "candidatesTokenCount": 4, "totalTokenCount": 1993}
            )
            self._stream([first, gemini()])
        elif ":generateContent" in path:
            self._send(gemini())
        elif path.endswith("/converse"):
            self._send({
                "output": {"message": {"role": "assistant", "content": [{"text": SECRET}]}},
                "stopReason": "end_turn", "usage": BEDROCK, "metrics": {"latencyMs": 9},
                "serviceTier": {"type": "priority"},
            })  # fmt: skip
        elif path.endswith("/converse-stream"):
            self._send_bytes(200, "application/vnd.amazon.eventstream", b"".join((
                frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": SECRET}}),
                frame("messageStop", {"stopReason": "end_turn"}),
                frame("metadata", {"usage": BEDROCK, "metrics": {"latencyMs": 9}}),
            )))  # fmt: skip
        elif path.endswith("/invoke"):
            self._send(
                {"completion": SECRET},
                headers={"X-Amzn-Bedrock-Input-Token-Count": "18",
                         "X-Amzn-Bedrock-Output-Token-Count": "386"},
            )  # fmt: skip
        elif path.endswith("/invoke-with-response-stream"):
            import base64

            metrics = {
                "amazon-bedrock-invocationMetrics": {"inputTokenCount": 18, "outputTokenCount": 386}
            }
            self._send_bytes(200, "application/vnd.amazon.eventstream", b"".join(
                frame("chunk", {"bytes": base64.b64encode(json.dumps(part).encode()).decode()})
                for part in ({"text": SECRET}, metrics)
            ))  # fmt: skip
        else:
            self._send({"error": {"message": f"no such path {path}"}}, 404)

    def _either(self, streamed: bool, stream: list, whole: dict) -> None:
        if streamed:
            self._stream(stream)
        else:
            self._send(whole)

    def _send(self, answer: dict, status: int = 200, headers: dict | None = None) -> None:
        self._send_bytes(status, "application/json", json.dumps(answer).encode(), headers)

    def _send_bytes(self, status: int, kind: str, body: bytes, headers: dict | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, events: list) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in events:
            named = isinstance(event, dict) and "type" in event
            name = f"event: {event['type']}\n" if named else ""
            data = event if isinstance(event, str) else json.dumps(event)
            self.wfile.write(f"{name}data: {data}\n\n".encode())
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
