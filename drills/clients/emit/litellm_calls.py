"""LiteLLM with its generic API logger, in the log format named: all kinds of calls."""

import asyncio
import contextlib
import os
import sys

import litellm
import openai
from litellm.caching.caching import Cache
from litellm.integrations.generic_api.generic_api_callback import GenericAPILogger

PROVIDER = os.environ["PROVIDER_URL"]
OPENAI = {"api_base": f"{PROVIDER}/v1", "max_retries": 0}
ANTHROPIC = {"api_base": PROVIDER, "max_retries": 0}
GPT, CLAUDE = "openai/gpt-5.1", "anthropic/claude-sonnet-4-5"


def _asked(case: str) -> dict:
    said = {"customer": "acme", "feature": "drill", "drill.case": case}
    return {
        "messages": [{"role": "user", "content": f"case:{case} a secret question"}],
        "metadata": {"spend_logs_metadata": said},
    }


async def _stream(model: str, case: str, **options: object) -> None:
    async for _ in await litellm.acompletion(model, **_asked(case), stream=True, **options):
        pass


async def _call() -> None:
    await litellm.acompletion("openai/gpt-4o-mini", **_asked("chat"), **OPENAI)
    await litellm.acompletion(GPT, **_asked("chat-cached-thinking"), **OPENAI)
    await litellm.acompletion("openai/gpt-5.6-sol", **_asked("chat-cached-written"), **OPENAI)
    await _stream(GPT, "chat-stream-cached", stream_options={"include_usage": True}, **OPENAI)
    for case in ("messages-cached-written-thinking", "messages-written-hour"):
        await litellm.acompletion(CLAUDE, **_asked(case), **ANTHROPIC)
    await _stream(
        CLAUDE, "messages-stream-cached", stream_options={"include_usage": True}, **ANTHROPIC
    )
    asked = _asked("responses-cached-thinking")
    await litellm.aresponses(model=GPT, input=asked.pop("messages"), **asked, **OPENAI)
    asked = _asked("embeddings")
    text = asked.pop("messages")[0]["content"]
    await litellm.aembedding("openai/text-embedding-3-small", input=[text], **asked, **OPENAI)
    for case in ("chat-error-429", "chat-error-500"):
        with contextlib.suppress(openai.APIStatusError):
            await litellm.acompletion("openai/gpt-4o-mini", **_asked(case), **OPENAI)


async def _route() -> None:
    """Retry a deployment and fall back to another, as the proxy does."""
    router = litellm.Router(
        [
            {"model_name": "main", "litellm_params": {"model": GPT, **OPENAI}},
            {"model_name": "spare", "litellm_params": {"model": CLAUDE, **ANTHROPIC}},
            {"model_name": "down", "litellm_params": {"model": GPT, **OPENAI}},
        ],
        num_retries=2,
        retry_after=0,
        disable_cooldowns=True,
    )
    # The proxy gives each request one call id, which all its attempts share.
    await router.acompletion("main", **_asked("router-retried-2"), litellm_call_id="call-retried")
    await router.acompletion(
        "down", fallbacks=[{"down": ["spare"]}], **_asked("router-retried-3"),
        litellm_call_id="call-fallback",
    )  # fmt: skip


async def _cache() -> None:
    """Answer the second of two equal calls from the cache."""
    litellm.cache = Cache(type="local")
    for _ in range(2):
        await litellm.acompletion(GPT, **_asked("chat-twice"), caching=True, **OPENAI)
        await asyncio.sleep(0.2)


async def main() -> None:
    """Call, then hand over what waits."""
    logger = GenericAPILogger(log_format=sys.argv[1])
    litellm.callbacks = [logger]
    await _call()
    await _route()
    await _cache()
    await asyncio.sleep(3)  # LiteLLM logs behind the call
    await logger.flush_queue()


asyncio.run(main())
