"""Calls of the anthropic SDK."""

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager

import anthropic

Whose = Callable[[str], AbstractContextManager[None]]


def _asked(case: str) -> dict:
    messages = [{"role": "user", "content": f"case:{case} a secret question"}]
    return {"model": "claude-sonnet-4-5", "max_tokens": 1024, "messages": messages}


def call(whose: Whose) -> None:
    """Make every kind of call, each for a case of its own."""
    client = anthropic.Anthropic(max_retries=0)
    for case in ("messages", "messages-cached-written-thinking", "messages-written-hour"):
        with whose(case):
            client.messages.create(**_asked(case))
    case = "messages-stream-cached-written"
    with whose(case):
        list(client.messages.create(**_asked(case), stream=True))
    case = "messages-helper-cached-written"
    with whose(case), client.messages.stream(**_asked(case)) as stream:
        stream.get_final_message()
    case = "messages-error-429"
    with whose(case), contextlib.suppress(anthropic.APIStatusError):
        client.messages.create(**_asked(case))
    asyncio.run(_asynchronous(whose))


async def _asynchronous(whose: Whose) -> None:
    client = anthropic.AsyncAnthropic(max_retries=0)
    case = "messages-async-cached-written"
    with whose(case):
        await client.messages.create(**_asked(case))
    case = "messages-async-stream-cached"
    with whose(case):
        async for _ in await client.messages.create(**_asked(case), stream=True):
            pass
    await client.close()
